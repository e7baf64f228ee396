import Dataflow
import Foundation
import Testing

@testable import Triggers

@Suite("Recordings: replayed, tampered with and hostile")
struct ReplayTests {
  @Test("What random sessions did is decided the same again, from JSON", arguments: 0..<60 as Range<UInt64>)
  func agrees(seed: UInt64) throws {
    let run = SessionEnginePropertyTests.run(seed)
    let report = try Self.decoded(Self.encoded(run.bench.recording)).replay()
    #expect(report.disagreement == nil, "seed \(seed)")
    #expect(report.events == run.bench.recording.steps.count)
    #expect(report.outcome == run.bench.engine.stateName)
  }

  @Test("A decision that was changed is found at its step", arguments: 0..<60 as Range<UInt64>)
  func tampered(seed: UInt64) throws {
    var recording = SessionEnginePropertyTests.run(seed).bench.recording
    var random = SeededGenerator(seed: seed)
    let step = random.below(recording.steps.count)
    recording.steps[step].actions.append(.release(handle: .max))
    let disagreement = try #require(try recording.replay().disagreement)
    #expect(disagreement.step == step)
    #expect(disagreement.expected.count == disagreement.actual.count + 1)
  }

  @Test("An event that was taken out leads to a disagreement where it matters")
  func missing() throws {
    var recording = SessionEnginePropertyTests.run(3).bench.recording
    recording.steps.removeFirst()
    #expect(try recording.replay().disagreement?.step == 0)
  }

  @Test("Indices that the plan does not have are refused", arguments: [-1, 1_000_000, .max, .min])
  func indices(index: Int) {
    for event: SessionEvent in [
      .requested(function: index, payload: 1), .enteredBucket(bucket: index, key: "", group: nil, payload: 1),
      .derived(trigger: index, firing: "f", inputs: []),
    ] {
      var recording = Self.recording
      recording.steps.append(.init(at: recording.startedAt, event: event, actions: []))
      #expect(throws: ReplayError.self) { try recording.replay() }
    }
  }

  @Test("Times and versions that cannot be are refused")
  func times() {
    let far = Duration(secondsComponent: .max, attosecondsComponent: 0)
    let changes: [(inout SessionRecording) -> Void] = [
      { $0.version = 0 }, { $0.version = .max }, { $0.startedAt.wall = far }, { $0.startedAt.monotonic = .zero - far },
      { $0.plan.sessionTimeout = far }, { $0.plan.functions[0].retry.backoff = .zero - far },
      { $0.steps.append(.init(at: Moment(monotonic: far, wall: .zero), event: .cancelled, actions: [])) },
    ]
    for change in changes {
      var recording = Self.recording
      change(&recording)
      #expect(throws: ReplayError.self) { try recording.replay() }
    }
  }

  @Test("Numbers anywhere in the file may be anything", arguments: 0..<40 as Range<UInt64>)
  func fuzz(seed: UInt64) throws {
    let text = Array(try Self.encoded(SessionEnginePropertyTests.run(seed).bench.recording))
    var random = SeededGenerator(seed: seed)
    let extremes = [
      "-1", "0", "7", "2147483648", "9223372036854775807", "-9223372036854775808", "1e300", "null", "\"\"",
    ]
    var replayed = 0
    for _ in 0..<40 {
      guard let digit = text[random.below(text.count)...].firstIndex(where: { (0x30...0x39).contains($0) }) else {
        continue
      }
      let end = text[digit...].firstIndex { !(0x30...0x39).contains($0) } ?? text.endIndex
      let changed = text[..<digit] + Array(extremes[random.below(extremes.count)].utf8) + text[end...]
      // Refused by the decoder or by the replay, or replayed: all of it is well, and none of it traps.
      if let recording = try? Self.decoded(Data(changed)) {
        replayed += 1
        _ = try? recording.replay()
      }
    }
    #expect(replayed > 0)
  }

  private static let recording = SessionRecording(
    session: "s", plan: plan([FunctionPlan(name: "a")], ["x": []]),
    startedAt: Moment(monotonic: .zero, wall: .zero))

  private static func encoded(_ recording: SessionRecording) throws -> Data { try JSONEncoder().encode(recording) }
  private static func decoded(_ data: Data) throws -> SessionRecording {
    try JSONDecoder().decode(SessionRecording.self, from: data)
  }
}
