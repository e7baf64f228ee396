import Foundation
import Testing

/// The suite's own tools, which need no cluster.
@Suite struct SupportTests {
  @Test func `a command tells how it ended and what it said`() async throws {
    let outcome = try await Command(
      program: "/bin/bash", arguments: ["-c", "cat; echo problem >&2; exit 3"], input: "text"
    ).outcome()
    #expect(outcome.status == 3)
    #expect(outcome.output == "text")
    #expect(outcome.errors == "problem\n")
    await #expect(throws: CommandFailure.self) { try await Command(program: "/bin/false", arguments: []).run() }
  }

  @Test func `a command that hangs is ended`() async throws {
    let outcome = try await Command(program: "/bin/bash", arguments: ["-c", "read <&1"], seconds: 1).outcome()
    let hung = try await Command(program: "/usr/bin/tail", arguments: ["-f", "/dev/null"], seconds: 1).outcome()
    #expect(outcome.status != 0)
    #expect(hung.status == 124)
  }

  @Test func `polling ends with the answer, or with what was seen last`() async throws {
    var asked = 0
    let answer = try await eventually("the third time") {
      asked += 1
      return asked == 3 ? "here" : nil
    }
    #expect(answer == "here")
    let error = await #expect(throws: TimedOut.self) {
      try await eventually("nothing", within: .zero) { () -> Bool? in throw NotYet("something else") }
    }
    #expect("\(error.map(String.init(describing:)) ?? "")".hasSuffix("nothing; seen at last: something else"))
  }

  @Test func `any other error ends polling at once`() async {
    await #expect(throws: CommandFailure.self) {
      try await eventually("success") { try await Command(program: "/bin/false", arguments: []).run() }
    }
  }

  @Test func `words are counted by coreutils as they are defined here`() async throws {
    let scratch = try Scratch()
    defer { scratch.remove() }
    let file = try scratch.write("To be, or not to be: (GPL-3)\n", "text")
    let counts = try await WordCounts.byCoreutils(file.path)
    #expect(counts.counts == ["to": 2, "be": 2, "or": 1, "not": 1, "gpl": 1, "3": 1])
  }

  @Test func `the recorded answers name the fields at fault`() throws {
    let recorded = try EndToEnd.ContractTests.recorded()
    #expect(recorded.count == 31)
    #expect(recorded.filter(\.isAccepted).count == 5)
    let fields = Dictionary(uniqueKeysWithValues: recorded.map { ($0.testDescription, $0.fields) })
    #expect(fields["reject-bucket-take-more-than-count"] == ["spec.triggers[0].redundant.take"])
    #expect(fields["reject-bucket-two-primitives"] == ["spec.triggers[0]"])
    #expect(fields["reject-workflow-no-functions"]?.contains("spec.entry") == true)
    #expect(recorded.allSatisfy { $0.isAccepted || !$0.fields.isEmpty || $0.answer.contains("52 characters") })
  }

  @Test func `every example says how to try it and what comes of it, and README lists it`() throws {
    let examples = try Example.all()
    #expect(examples.count == 13)
    let readme = try String(contentsOf: TestEnvironment.repository.appending(path: "README.md"), encoding: .utf8)
    for example in examples {
      #expect(example.steps.contains { $0.command.contains("pheromone invoke \(example.name) ") }, "\(example.name)")
      #expect(example.steps.contains { !$0.output.isEmpty }, "\(example.name)")
      #expect(readme.contains("\n| `\(example.name)` |"), "\(example.name)")
    }
  }

  @Test func `the commands of an example are read with what they print`() {
    let steps = Example.steps(in: "# Words.\n#\n#   $ one\n#   a\n#     b\n#   $ two\n# More.\nkind: x\n#   $ three\n")
    #expect(steps.map(\.command) == ["one", "two"])
    #expect(steps.map(\.output) == ["a\n  b\n", ""])
  }
}
