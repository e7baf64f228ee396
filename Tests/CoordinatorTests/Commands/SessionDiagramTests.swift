import Dataflow
import Foundation
import Testing

@testable import pheromone

@Suite struct SessionDiagramTests {
  @Test func `the way of the data is drawn, what is alike once`() {
    #expect(
      SessionDiagram.render(SessionFixture.running) == """
        sequenceDiagram
          title wordcount k3v
          actor p0 as caller
          participant p1 as split
          participant p2 as words (bucket)
          participant p3 as counts (bucket)
          participant p4 as count
          participant p5 as merge
          p0->>p1: +0s request
          p1->>p2: +10ms part-1, part-2, part-3 and 1 more
          p1->>p3: +10ms announces 4 keys
          p2->>p4: +10ms each fires 2 times
          Note over p4: +60ms count#35;2 failed#58; attempt 1#58; it broke
          Note over p5: counts/merge-all#58; merge waits for part-3 (count#35;3 is running on wordcount-7f9c/app-1, 1.2s)
          Note over p0: Running after 1.3s
        """)
  }

  @Test func `outputs go back to the caller`() {
    let lines = SessionDiagram.render(SessionFixture.stalled).split(separator: "\n")
    #expect(lines.contains("  p1-->>p0: +200ms output"))
    #expect(lines.last == "  Note over p0: Stalled after 1m15s")
  }

  @Test func `no name means anything to Mermaid`() throws {
    let text = SessionDiagram.render(SessionFixture.hostile)
    let harmless = #/[\p{L}0-9 +\-_.,()\/…µ]/#
    for line in text.split(separator: "\n").dropFirst() {
      // A line is one of four, with a text in which all but harmless characters are numbers.
      let whole =
        #/  (?:title |(?:actor|participant) p\d+ as |p\d+--?>>p\d+: |Note over p\d+: )(?<text>.+)/#
      let match = try #require(try whole.wholeMatch(in: line), "\(line)")
      let rest = match.output.text.replacing(#/#\d+;/#, with: "").replacing(harmless, with: "")
      #expect(rest.isEmpty, "\(rest) in \(line)")
    }
    #expect(SessionDiagram.escape(";#\u{0}") == "#59;#35;#92;u#123;0#125;")
    #expect(SessionDiagram.escape("") == "(none)" && SessionDiagram.escape("  ") == "(none)")
    #expect(SessionDiagram.escape(String(repeating: "x", count: 200)).count == 100)
  }

  @Test(arguments: [1, 199, 200, 201, 5000])
  func `a long session stays within what Mermaid draws, and says what is left out`(count: Int) throws {
    var session = SessionFixture.running
    session.waiting = (0..<40).map { .init(trigger: "b/t\($0)", target: "f\($0)", lacks: [SessionFixture.nasty]) }
    session.timeline = (0..<count).map {
      .init(at: 1, event: "failed", subject: "f#\($0)", detail: String(repeating: "\u{1}", count: 99))
    }
    let text = SessionDiagram.render(session)
    #expect(text.utf8.count <= SessionDiagram.sizeLimit)
    let drawn = text.matches(of: #/failed/#).count
    let dropped = try #/(\d+) steps in the middle are not drawn/#.firstMatch(in: text).flatMap { Int($0.output.1) } ?? 0
    #expect(drawn + dropped == count)
    #expect(text.contains("30 more triggers have not fired"))
  }
}
