/// One thing that is measured, and what it is compared with.
package enum Figure: String, CaseIterable, Codable {
  case handOverAwake = "hand-over, awake"
  case handOverTwoProcesses = "hand-over between two processes"
  case handOverAsleep = "hand-over after all slept"
  case chain2 = "chain of 2, per hop"
  case chain100 = "chain of 100, per hop"
  case chain = "chain of 1000, per hop"
  case fanOut2 = "fan-out of 2 and join, per function"
  case fanOut8 = "fan-out of 8 and join, per function"
  case fanOut100 = "fan-out of 100 and join, per function"
  case fanOut1000 = "fan-out of 1000 and join, per function"
  case fanOut4000 = "fan-out of 4000 and join, per function"
  case small = "hand-over of 1 KB"
  case medium = "hand-over of 1 MB"
  case large = "hand-over of 100 MB"
  case produce = "100 MB written in place"
  case session1 = "two-step session, 1 in flight"
  case session64 = "two-step session, 64 in flight"
  case session512 = "two-step session, 512 in flight"
  case loaded = "two-step session under 80 % load, latency"
  case http1 = "two-step session over HTTP, 1 in flight"
  case http64 = "two-step session over HTTP, 64 in flight"
  case http512 = "two-step session over HTTP, 512 in flight"
  case core = "decisions of one hand-over"
  case coreSession = "decisions of one session"

  package var limit: Limits.Name {
    switch self {
    case .handOverAsleep, .small, .medium, .loaded: .blocking
    case .large: .small
    case .produce: .copying
    case .handOverAwake, .handOverTwoProcesses, .chain2, .chain100, .chain, .fanOut2, .fanOut8, .fanOut100, .fanOut1000,
      .fanOut4000, .session1, .session64, .session512, .http1, .http64, .http512, .core, .coreSession:
      .spinning
    }
  }

  /// Whether it is the time for each of many that are under way together, so that its inverse is a throughput.
  package var isThroughput: Bool {
    switch self {
    case .session1, .session64, .session512, .http1, .http64, .http512: true
    default: false
    }
  }

  /// How many times its limit the median may be before `--check` fails. Each is some times what a quiet machine of two
  /// processors needs (31, 39, 1.4, 57, 196, 1.0, 24 and 79 in this order): it catches what makes the data plane slow, not
  /// what makes a machine noisy, or one whose processors are closer to each other.
  package var allowed: Double? {
    switch self {
    case .handOverAwake: 120
    case .chain: 120
    case .handOverAsleep: 8
    case .fanOut1000: 200
    case .session64: 800
    case .produce: 30
    case .core: 60
    case .coreSession: 200
    case .handOverTwoProcesses, .chain2, .chain100, .fanOut2, .fanOut8, .fanOut100, .fanOut4000, .small, .medium,
      .large, .session1, .session512, .loaded, .http1, .http64, .http512:
      nil
    }
  }
}
