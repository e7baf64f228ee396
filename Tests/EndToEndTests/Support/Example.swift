import Foundation

/// A manifest of `manifests/examples` with the commands in its comment and what they are said to print.
struct Example {
  struct Step {
    var command: String
    var output: String
  }

  /// The file's name without its extension, which is the workflow's too.
  var name: String
  var file: URL
  var steps: [Step]

  static func all() throws -> [Example] {
    let folder = TestEnvironment.repository.appending(path: "manifests/examples")
    return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "yaml" }.sorted { $0.path < $1.path }
      .map { file in
        Example(
          name: file.deletingPathExtension().lastPathComponent, file: file,
          steps: steps(in: try String(contentsOf: file, encoding: .utf8)))
      }
  }

  /// In the comment that a manifest opens with, a line that is indented is a command if it begins with `$`, and else a
  /// line of what the command before it prints.
  static func steps(in text: String) -> [Step] {
    text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("#") }
      .reduce(into: []) { steps, line in
        guard line.hasPrefix("#   ") else { return }
        let content = line.dropFirst(4)
        if content.hasPrefix("$ ") {
          steps.append(Step(command: String(content.dropFirst(2)), output: ""))
        } else if !steps.isEmpty {
          steps[steps.count - 1].output += content + "\n"
        }
      }
  }
}
