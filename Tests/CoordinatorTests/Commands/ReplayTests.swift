import Dataflow
import Foundation
import Testing
import Triggers

@testable import pheromone

@Suite struct ReplayTests {
  /// The recording of a session of one function that is asked and then cancelled.
  static func recording(cancelled state: SessionOutcome.State = .cancelled) throws -> Data {
    let plan = WorkflowPlan(
      namespace: "n", workflow: "w", entry: "f", functions: [FunctionPlan(name: "f")], buckets: [])
    let start = Moment(monotonic: .seconds(1), wall: .seconds(1000))
    var engine = SessionEngine(session: "s", plan: CompiledPlan(plan), now: start)
    var recording = SessionRecording(session: "s", plan: plan, startedAt: start)
    for event in [SessionEvent.requested(function: 0, payload: 1), .cancelled] {
      var actions = engine.apply(event, now: start)
      for (index, action) in actions.enumerated() {
        if case .end(var outcome) = action {
          outcome.state = state
          actions[index] = .end(outcome)
        }
      }
      recording.record(event, at: start, actions: actions)
    }
    return try JSONEncoder().encode(recording)
  }

  @Test func `a recording that this engine made agrees`() throws {
    let report = try ReplayCommand.replay(try Self.recording(), of: "r.json")
    #expect(
      ReplayText.render(report) == "agrees: 2 events, each decided as it was then; Cancelled at the end")
  }

  @Test func `the first decision that differs is shown with both`() throws {
    let report = try ReplayCommand.replay(try Self.recording(cancelled: .stalled), of: "r.json")
    let text = ReplayText.render(report)
    #expect(text.hasPrefix("disagrees at event 2 of 2: cancelled\n  decided then:\n"), "\(text)")
    let middle = try #require(text.ranges(of: "  decided now:").first)
    let (then, now) = (text[..<middle.lowerBound], text[middle.upperBound...])
    #expect(then.contains("stalled") && now.contains("cancelled"), "\(text)")
  }

  @Test func `what is printed cannot move the cursor`() throws {
    let json = #"""
      {"events":3,"isTruncated":true,"outcome":"Running","timeline":[],
       "disagreement":{"step":1,"event":"put\n","expected":["fire a\u001b","fire b"],"actual":[]}}
      """#
    #expect(
      ReplayText.render(try JSONDecoder().decode(ReplayReport.self, from: Data(json.utf8))) == """
        disagrees at event 2 of 3: put\\n
          decided then:
            fire a\\u{1b}
            fire b
          decided now:
            nothing
        The recording reached its bound: what came later is not in it.
        """)
  }

  @Test(arguments: [
    ("{\n\"version\": 1,\n\"session\" \"s\"}", "r.json:3: it is no JSON"),
    ("{\n  \"version\": 1,\n  nonsense\n}\n\n\n", "r.json:3: it is no JSON"),
    ("{\n\"version\": 1,\n\"session\": \"s", "r.json:3: it is no JSON"), ("", "r.json:1: it is no JSON"),
    (
      "{\n\"version\": [1, {}, \"a\\\"b\", -1.5e3, true, null],\n\"b\": [1,\n}}",
      "r.json:4: it is no JSON: unexpected \"}\""
    ),
    ("{\n\"version\": 01x\n}", "r.json:2: it is no JSON: unexpected \"0\""),
    ("{\"version\": 1}\n]", "r.json:2: it is no JSON: unexpected \"]\""),
    ("[]", "r.json: it is no recording of a session: "),
    ("{}", "r.json: it is no recording of a session: there is no version"),
    (#"{"version":"1"}"#, "r.json: it is no recording of a session: at version: "),
  ])
  func `a file that is no recording is named with the place`(text: String, message: String) throws {
    let failure = try #require(throws: CommandFailure.self) {
      try ReplayCommand.replay(Data(text.utf8), of: "r.json")
    }
    #expect(failure.message.hasPrefix(message), "\(failure.message)")
    #expect(failure.code.rawValue == 2)
  }

  @Test(arguments: [
    (#""version":1"#, #""version":2"#, "format 2"), (#""function":0"#, #""function":7"#, "function 7"),
  ])
  func `a recording that this version cannot run is refused`(old: String, new: String, word: String) throws {
    let text = String(decoding: try Self.recording(), as: UTF8.self)
    #expect(text.contains(old), "\(text)")
    let failure = try #require(throws: CommandFailure.self) {
      try ReplayCommand.replay(Data(text.replacing(old, with: new).utf8), of: "r.json")
    }
    #expect(failure.message.contains(word) && failure.code.rawValue == 2, "\(failure.message)")
  }
}
