import ArgumentParser
import Dataflow
import FoundationEssentials
import KubernetesAPI
import Posix

/// `pheromone lint`: checks manifests before there is a cluster.
struct LintCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint",
    abstract: "Check Workflows and Buckets without a cluster.",
    discussion: """
      Finds what the API server would refuse and what the controller would report as
      Accepted=False: names that lead nowhere, functions that nothing reaches, joins
      and groups inside cycles, cycles that nothing can end. Buckets are checked
      together with the workflow they name, across all files given. Other kinds are
      passed over; a file or folder with nothing else fails.

      What may be meant as it stands is a warning: keys that are almost the same in
      two triggers, settings without effect. A workflow with warnings is accepted.

        pheromone lint -f manifests/
        pheromone lint -f workflow.yaml -f buckets.yaml -o json
        helm template . | pheromone lint -f -

      Exit codes: 0 sound (there may be warnings), 1 findings, 64 wrong usage. With
      --strict, warnings are findings.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

  @Argument(help: ArgumentHelp("The same as with -f.", valueName: "file|folder"))
  var paths: [String] = []

  @Option(
    name: [.customShort("f"), .customLong("filename")],
    help: ArgumentHelp(
      "A file, a folder of .yaml, .yml and .json files, or - for standard input. Repeatable.",
      valueName: "file|folder|-"))
  var filenames: [String] = []

  @Option(name: [.short, .long], help: "text or json.")
  var output = Format.text

  @Flag(help: "Fail on warnings too.")
  var strict = false

  func validate() throws {
    if paths.isEmpty, filenames.isEmpty {
      throw ValidationError("lint wants to know what to check; name a file or folder: pheromone lint -f FILE")
    }
  }

  func run() async throws {
    try await reportingFailures {
      var linter = Linter()
      for name in paths + filenames {
        let files = try Self.files(name).map { (Self.shown($0), try Self.read($0)) }
        linter.add(files, of: Self.shown(name))
      }
      let findings = linter.finish()
      switch output {
      case .json: print(try JSONValue(encoding: findings).canonicalText)
      case .text:
        for finding in findings { print(finding) }
        let checked = Self.count(linter.workflowCount, "workflow") + " and " + Self.count(linter.bucketCount, "bucket")
        let warnings = findings.count { $0.severity == .warning }
        let errors = findings.count - warnings
        let verdict = errors == 0 ? "sound" : Self.count(errors, "finding")
        Output.note("\(checked): \(verdict)" + (warnings == 0 ? "" : ", \(Self.count(warnings, "warning"))"))
      }
      if findings.contains(where: { strict || $0.severity == .error }) { throw ExitCode(1) }
    }
  }

  private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

  private static func shown(_ file: String) -> String { file == "-" ? "stdin" : file }

  private static func files(_ name: String) throws -> [String] {
    guard name != "-" else { return [name] }
    var isFolder = false
    guard FileManager.default.fileExists(atPath: name, isDirectory: &isFolder) else {
      throw CommandFailure(.failed, "there is no file or folder \(name)")
    }
    guard isFolder else { return [name] }
    let names = try FileManager.default.subpathsOfDirectory(atPath: name)
    return names.filter { file in [".yaml", ".yml", ".json"].contains { file.hasSuffix($0) } }.sorted().map {
      "\(name)/\($0)"
    }
  }

  private static func read(_ file: String) throws -> String {
    let data: Data
    do {
      data =
        file == "-"
        ? try OpenFile.standardInput.readToEnd() : try OpenFile(reading: file).readToEnd()
    } catch {
      throw CommandFailure(.failed, "cannot read \(file): \(error.reason)")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw CommandFailure(.failed, "\(file) is not UTF-8")
    }
    return text
  }
}
