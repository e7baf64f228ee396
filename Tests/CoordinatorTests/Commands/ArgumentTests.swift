import ArgumentParser
import Testing

@testable import pheromone

@Suite struct ArgumentTests {
  @Test func `a command that is misspelled is corrected`() {
    #expect(Pheromone.correction(of: ["ivoke", "wordcount"])?.contains("did you mean invoke?") == true)
    #expect(Pheromone.correction(of: ["session"])?.contains("did you mean sessions?") == true)
    for arguments in [["invoke"], ["help"], ["--help"], ["--generate-completion-script", "bash"], ["qqqq"], []] {
      #expect(Pheromone.correction(of: arguments) == nil)
    }
  }

  @Test func `the plugin of kubectl is called as it is typed`() {
    #expect(Pheromone.name(invokedAs: "/usr/local/bin/kubectl-pheromone") == "kubectl pheromone")
    #expect(Pheromone.name(invokedAs: ".build/debug/pheromone") == "pheromone")
  }

  @Test(arguments: [("0s", "longer than zero"), ("soon", "is no duration")])
  func `a timeout that cannot be is refused with the reason`(timeout: String, words: String) {
    let error = #expect(throws: (any Error).self) {
      try InvokeCommand.parse(["wordcount", "--timeout", timeout])
    }
    #expect(error.map { InvokeCommand.message(for: $0) }?.contains(words) == true)
    #expect((try? InvokeCommand.parse(["wordcount", "--timeout", "1ms"])) != nil)
  }

  @Test(arguments: [["a.yaml"], ["-f", "a.yaml"], ["a.yaml", "-f", "b.yaml"]])
  func `files are named with and without -f`(_ arguments: [String]) throws {
    let command = try LintCommand.parse(arguments)
    #expect(command.paths + command.filenames == arguments.filter { $0 != "-f" })
    #expect(throws: (any Error).self) { try LintCommand.parse([]) }
  }
}
