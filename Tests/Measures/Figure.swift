/// One thing that is measured, and what it is compared with.
package enum Figure: String, CaseIterable, Codable {
  case handOverAwake = "hand-over, awake"
  case handOverTwoProcesses = "hand-over between two processes"
  case handOverAsleep = "hand-over after all slept"
  case chain2 = "chain of 2, per hop"
  case chain100 = "chain of 100, per hop"
  case chain = "chain of 1000, per hop"
  case chainInline = "chain of 1000, per hop, inline"
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
    case .handOverAwake, .handOverTwoProcesses, .chain2, .chain100, .chain, .chainInline, .fanOut2, .fanOut8,
      .fanOut100, .fanOut1000,
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

  /// How many times its limit the median may be before `--check` fails: it catches what makes the data plane slow, not what
  /// makes a machine noisy. On one machine of two processors S is 0.25 µs at one time and 0.9 µs at another, as the host
  /// places them, and who sleeps is woken in 20 to 40 µs, so that the same build needs 18 to 80 S for a hand-over, 38 to 127
  /// for a hop of a chain, and 8 to 40 inline.
  package var allowed: Double? {
    switch self {
    case .handOverAwake: 200
    case .chain: 250
    case .chainInline: 80
    case .handOverAsleep: 8
    case .fanOut1000: 250
    case .session64: 800
    case .produce: 30
    case .core: 20
    case .coreSession: 80
    case .handOverTwoProcesses, .chain2, .chain100, .fanOut2, .fanOut8, .fanOut100, .fanOut4000, .small, .medium,
      .large, .session1, .session512, .loaded, .http1, .http64, .http512:
      nil
    }
  }
}
