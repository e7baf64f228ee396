import Dataflow
import Foundation
import Testing

extension EndToEnd {
  @Suite struct WordCountTests {
    private static let text = "/usr/share/common-licenses/GPL-3"

    @Test func `the counts of a long text are those of coreutils, from several executors`() async throws {
      try await TestNamespace.with("count") { namespace in
        try await namespace.deployWordCount()

        let expected = try await WordCounts.byCoreutils(Self.text)
        let answer = try await PheromoneCLI(namespace: namespace.name)("invoke", "wordcount", "--data", "@\(Self.text)")
        let counted = try WordCounts(lines: answer.output)
        #expect(counted.differences(from: expected).isEmpty)
        #expect(expected.counts["the"] ?? 0 > 100, "the text is a real one")

        // The session's own record says where its invocations ran.
        let started = try await Ingress.find().post(
          "wordcount", in: namespace.name, query: "async=true",
          body: try Data(contentsOf: URL(filePath: Self.text)))
        #expect(started.status == 202, "\(started.text)")
        let id = try #require(started.sessionID, "\(started.text)")
        let session = try await namespace.finishedSession(id, of: "wordcount")
        #expect(session.state == "Succeeded")
        #expect(Set(session.timeline.compactMap(\.executor)).count >= 2, "\(session.timeline)")
      }
    }

    @Test func `a text of no words and one of a single word are counted too`() async throws {
      try await TestNamespace.with("small") { namespace in
        try await namespace.deployWordCount()
        let cli = PheromoneCLI(namespace: namespace.name)
        #expect(try await cli("invoke", "wordcount", "--data", "...").output.isEmpty)
        let one = try WordCounts(lines: try await cli("invoke", "wordcount", "--data", "Word").output)
        #expect(one.counts == ["word": 1])
        // From standard input, as in a pipe.
        let piped = try WordCounts(
          lines: try await cli("invoke", "wordcount", "--data", "-", input: "to be or not to be\n").output)
        #expect(piped.counts == ["to": 2, "be": 2, "or": 1, "not": 1])
      }
    }
  }
}
