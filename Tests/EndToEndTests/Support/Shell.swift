import Foundation

/// What a person types at a shell whose kubeconfig names one namespace.
struct Shell {
  private let scratch: Scratch

  /// Makes such a shell for the time of a test.
  static func with<Result>(
    _ namespace: TestNamespace, _ body: (Shell) async throws -> Result
  ) async throws -> Result {
    let shell = Shell(scratch: try Scratch())
    defer { shell.scratch.remove() }
    let view = try await Kubectl()("config", "view", "--raw", "--minify", "--flatten")
    _ = try shell.scratch.write(view, "kubeconfig")
    _ = try await shell("kubectl config set-context --current --namespace \(namespace.name)").run()
    return try await body(shell)
  }

  func callAsFunction(_ command: String) throws -> Command {
    // The kubectl under test goes before any other one.
    let tools = scratch.folder.appending(path: "bin")
    if !FileManager.default.fileExists(atPath: tools.path) {
      try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        at: tools.appending(path: "kubectl"), withDestinationURL: URL(filePath: TestEnvironment.kubectl))
    }
    return Command(
      program: "/bin/bash",
      arguments: [
        "-euo", "pipefail", "-c", "PATH=$1:$2:$PATH\n" + command, "example", tools.path, TestEnvironment.programs.path,
      ], environment: ["KUBECONFIG": scratch.folder.appending(path: "kubeconfig").path])
  }
}
