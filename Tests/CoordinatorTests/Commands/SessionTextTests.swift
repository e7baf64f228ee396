import Dataflow
import Foundation
import Testing

@testable import pheromone

@Suite struct SessionTextTests {
  @Test func `a session that runs says what it waits for, from whom and since when`() {
    let text = SessionText.render(SessionFixture.running)
    #expect(
      text.contains(
        "\nWaiting:\n  counts/merge-all: merge waits for part-3 (count#3 is running on wordcount-7f9c/app-1, 1.2s)"),
      "\(text)")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines[0] == "Session:       k3v")
    #expect(lines.contains("Duration:      1.3s"))
    #expect(lines.contains("Plan:          5f3a"))
    let head = lines.first { $0.hasPrefix("  AT") }
    #expect(head?.split(separator: " ").map(String.init) == ["AT", "EVENT", "SUBJECT", "ON", "DETAIL"])
    let started = lines.first { $0.contains("count#3") && $0.contains("started") }
    #expect(started?.hasPrefix("  +50ms") == true)
    #expect(started?.contains("wordcount-7f9c/app-1") == true)
    #expect(!text.contains("Recorded") && !text.contains("Came too late") && !text.contains("Derived"))
  }

  @Test func `one that is over says what was never there, what came too late, and where it belongs`() {
    let text = SessionText.render(SessionFixture.stalled)
    for line in [
      "State:         Stalled: counts/merge-all lacks part-3", "Duration:      1m15s", "Outputs:       (default), side",
      "Recorded:      yes; see pheromone recording", "Begun by:      objects of the sessions s1, s2",
      "Derived:       objects went to the sessions d1", "  (7 entries from the middle are not kept)", "Never fired:",
      "  counts/merge-all: merge never got part-3, part-4", "Came too late:",
      "  words/first did not take late-1, late-2",
    ] {
      #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)\n\(text)")
    }
    #expect(!text.contains("pick waits"))
  }

  @Test(arguments: [
    (0.0, "0s"), (0.00085, "850µs"), (1.2, "1.2s"), (200, "3m20s"), (-1, "0s"), (.infinity, "2500000h"),
  ])
  func `durations are short`(seconds: Double, text: String) { #expect(SessionText.seconds(seconds) == text) }

  @Test func `a long list is cut, with the number of what is not shown`() {
    let waiting = SessionDescription.Waiting(
      trigger: "b/t", target: "f", lacks: (1...25).map { "k\($0)" }, producers: (1...30).map { "p#\($0) is queued" })
    let sentence = SessionText.sentence(waiting, in: SessionFixture.running)
    #expect(sentence.contains("k20 and 5 more ("))
    #expect(sentence.hasSuffix("p#20 is queued and 10 more)"))
  }

  @Test func `what nobody can supply is said`() {
    let waiting = SessionDescription.Waiting(trigger: "b/t", target: "f", lacks: ["k"])
    #expect(
      SessionText.sentence(waiting, in: SessionFixture.running)
        == "b/t: f waits for k (nothing that runs can supply it)")
  }

  @Test func `what gathers across sessions still waits when the session is over`() {
    var session = SessionFixture.stalled
    session.waiting.append(
      .init(
        trigger: "b/batch", target: "sum", lacks: ["1 more object (in a batch, 2 of 3)"],
        producers: ["any session that puts there", "the clock, in 58s"], held: 2))
    let text = SessionText.render(session)
    #expect(
      text.contains(
        """
        Waiting:
          b/batch: sum waits for 1 more object (in a batch, 2 of 3) (any session that puts there, the clock, in 58s)

        Never fired:
          counts/merge-all: merge never got part-3, part-4
        """), "\(text)")
  }

  @Test func `no name moves the cursor or breaks a line`() {
    let text = SessionText.render(SessionFixture.hostile)
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control && $0 != "\n" })
    #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .format })
    #expect(SessionText.visible("a\n\t\r\0\u{1b}é") == "a\\n\\t\\r\\u{0}\\u{1b}é")
    #expect(text.split(separator: "\n").count == 23, "\(text)")
  }
}
