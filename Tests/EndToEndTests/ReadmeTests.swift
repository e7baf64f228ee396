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
      // The package of one's own has a test below. What installs on other clusters is run by Tests/ChartTests.
      let commands = Self.commands(
        in: readme.replacing(try Self.ownFunction(in: readme), with: "")
          .replacing(try Self.section("Install on a cluster", in: readme), with: ""))
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

    @Test func `the example of a package of one's own is complete`() async throws {
      let readme = try String(contentsOf: TestEnvironment.repository.appending(path: "README.md"), encoding: .utf8)
      let section = try Self.ownFunction(in: readme)
      let swift = Self.blocks("swift", in: section)
      // The program is a target of this package, so that it is known to compile.
      let program = TestEnvironment.repository.appending(path: "Sources/Examples/greet/Greet.swift")
      #expect(try swift.last == String(contentsOf: program, encoding: .utf8))
      #expect(swift.count == 2 && swift.first?.hasPrefix("// swift-tools-version") == true)

      // The folders lie beside one another as they do for a reader, and what `swift build` makes there is built already.
      let scratch = try Scratch()
      defer { scratch.remove() }
      let folder = scratch.folder.appending(path: "own")
      for place in ["own/.build", "pheromone/.build"] {
        let build = scratch.folder.appending(path: place)
        try FileManager.default.createDirectory(at: build, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
          at: build.appending(path: "debug"), withDestinationURL: TestEnvironment.programs.standardizedFileURL)
      }
      _ = try scratch.write(try #require(Self.blocks("yaml", in: section).first), "own/greet.yaml")
      let ports = try await bash(". hack/lib.sh; free_ports").trimmingCharacters(in: .whitespacesAndNewlines)
      let script = Self.commands(in: section).filter { $0 != "swift build" }.map {
        $0.hasPrefix("pheromone cluster start") ? "\($0) --port \(ports)" : $0
      }
      #expect(script.count > 8)
      let stop = "'\(TestEnvironment.program("pheromone"))' cluster stop >/dev/null 2>&1 || true"
      let output = try await bash("trap \"\(stop)\" EXIT\n" + script.joined(separator: "\n"), in: folder)
      #expect(output.contains("Hello, Ada!\nHello, Grace!\n"), "\(output)")
      #expect(output.contains("Hello, Alan!\n"), "\(output)")
    }

    private func bash(_ script: String, in folder: URL = TestEnvironment.repository) async throws -> String {
      try await Command(
        program: "/bin/bash", arguments: ["-euo", "pipefail", "-c", script], environment: ["KUBECONFIG": nil],
        folder: folder, seconds: 240
      ).run().output
    }

    /// The section whose commands are typed in a folder of the reader's own.
    private static func ownFunction(in readme: String) throws -> String {
      try section("Write a function", in: readme)
    }

    private static func section(_ title: String, in readme: String) throws -> String {
      let start = try #require(readme.range(of: "## \(title)\n"))
      let end = try #require(readme.range(of: "\n## ", range: start.upperBound..<readme.endIndex))
      return String(readme[start.lowerBound..<end.lowerBound])
    }

    /// What stands in the fenced blocks of a language.
    private static func blocks(_ language: String, in text: String) -> [String] {
      text.matches(of: #/(?ms)^```(\w+)\n(.*?)^```$/#).filter { $0.output.1 == language }.map { String($0.output.2) }
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
