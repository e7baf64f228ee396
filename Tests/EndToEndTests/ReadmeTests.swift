import Foundation
import Testing

extension EndToEnd {
  /// A newcomer types what README says, in its order, from the quickstart to the stop.
  @Suite struct ReadmeTests {
    @Test func `every command of README works`() async throws {
      let scratch = try Scratch()
      defer { scratch.remove() }
      let folder = scratch.folder.appending(path: "cluster").path
      let ports = try await bash(". hack/lib.sh; free_ports").trimmingCharacters(in: .whitespacesAndNewlines)
      let readme = try String(contentsOf: TestEnvironment.repository.appending(path: "README.md"), encoding: .utf8)
      let commands = Self.commands(in: readme)
      #expect(commands.first == "hack/quickstart")
      #expect(commands.count > 10)

      // The cluster and the programs are elsewhere than on a newcomer's machine; nothing else is changed.
      let goOn = try Self.goOn(directory: folder)
      let script = commands.flatMap { command -> [String] in
        switch command {
        case "hack/test": []  // which runs this test
        case "hack/quickstart":
          ["hack/quickstart --skip-build --directory '\(folder)' --port \(ports)", "(\(goOn.joined(separator: "\n")))"]
        case let stop where stop.hasPrefix("pheromone cluster stop"): [stop + " --directory '\(folder)'"]
        default:
          [
            command.replacing("$PWD/.pheromone", with: "'\(folder)'")
              .replacing("$PWD/.build/debug", with: "'\(TestEnvironment.programs.path)'")
          ]
        }
      }
      let stop =
        "'\(TestEnvironment.program("pheromone"))' cluster stop --directory '\(folder)' >/dev/null 2>&1 || true"
      let output = try await bash("trap \"\(stop)\" EXIT\nset -x\n" + script.joined(separator: "\n"))

      // The word that English uses most leads the ten, whichever text it was.
      let top = output.matches(of: #/(?m)^ *(\d+) +([a-z0-9]+)$/#)
      #expect(top.count >= 10, "\(output)")
      #expect(top.first?.output.2 == "the", "\(output)")
      #expect(output.contains("Stop everything"))
    }

    private func bash(_ script: String) async throws -> String {
      try await Command(
        program: "/bin/bash", arguments: ["-euo", "pipefail", "-c", script], environment: ["KUBECONFIG": nil],
        folder: TestEnvironment.repository, seconds: 240
      ).run().output
    }

    /// What the quickstart suggests in the end. A command that watches is left after its first line.
    private static func goOn(directory: String) throws -> [String] {
      let script = try String(
        contentsOf: TestEnvironment.repository.appending(path: "hack/quickstart"), encoding: .utf8)
      let lines = script.split(separator: "\n", omittingEmptySubsequences: false)
      let commands = lines.drop { $0 != "Go on:" }.dropFirst().prefix { !$0.isEmpty }.map {
        $0.trimmingCharacters(in: .whitespaces).replacing("$directory", with: directory)
          .replacing("$programs", with: TestEnvironment.programs.path).replacing("\\$", with: "$")
      }
      #expect(commands.contains { $0.hasSuffix(" -w") })
      return commands.map { $0.hasSuffix(" -w") ? "exec 3< <(exec \($0)); read -r line <&3; kill $!" : $0 }
    }

    /// The lines that begin with `$ ` in console blocks.
    private static func commands(in text: String) -> [String] {
      var commands: [String] = []
      var isConsole = false
      for line in text.split(separator: "\n") {
        if line.hasPrefix("```") {
          isConsole = line == "```console"
        } else if isConsole, line.hasPrefix("$ ") {
          commands.append(String(line.dropFirst(2)))
        }
      }
      return commands
    }
  }
}
