import Foundation
import KubernetesAPI

/// What a real API server said (`Tests/Fixtures/Contract`), and the definitions of this package.
enum Contract {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let folder = tests.appending(path: "Fixtures/Contract")
  /// Good and bad manifests, which the end-to-end suite sends to whatever cluster there is.
  static let manifests = tests.appending(path: "EndToEndTests/Fixtures/Contract")
  static let definitions = tests.deletingLastPathComponent().appending(path: "manifests/crds")

  struct Exchange {
    var name: String
    var method: String
    var path: String
    var headers: [String: String]
    var body: String
    var code: Int
    var answer: String
  }

  static func recordings() throws -> [Exchange] {
    let files = try FileManager.default.contentsOfDirectory(
      at: folder.appending(path: "recordings"), includingPropertiesForKeys: nil)
    return try files.sorted { $0.lastPathComponent < $1.lastPathComponent }.map { try exchange($0) }
  }

  /// A request of kubectl, and the answer that it got.
  struct Line {
    var command: String
    var method: String
    var path: String
    var accept = ""
    var contentType = ""
    var code = 0
    var answerType = ""
  }

  /// The requests that kubectl 1.32 makes, command by command.
  static func kubectlRequests() throws -> [Line] {
    let text = try String(contentsOf: folder.appending(path: "kubectl-requests.txt"), encoding: .utf8)
    var lines: [Line] = []
    var command = ""
    for line in text.split(separator: "\n").map(String.init) {
      let words = line.split(separator: " ", maxSplits: line.hasPrefix("      ") ? 1 : 2).map(String.init)
      if line.hasPrefix("$ ") {
        command = String(line.dropFirst(2))
      } else if line.hasPrefix("  > "), words.count == 3 {
        lines.append(Line(command: command, method: words[1], path: words[2]))
      } else if line.hasPrefix("    < "), words.count > 1, let last = lines.indices.last {
        lines[last].code = Int(words[1]) ?? 0
      } else if line.hasPrefix("      "), words.count > 1, let last = lines.indices.last {
        switch words[0] {
        case "Accept:": lines[last].accept = words[1]
        case "Content-Type:" where lines[last].code == 0: lines[last].contentType = words[1]
        case "Content-Type:": lines[last].answerType = words[1]
        default: break
        }
      }
    }
    return lines
  }

  private static func exchange(_ file: URL) throws -> Exchange {
    let text = try String(contentsOf: file, encoding: .utf8)
    let halves = text.split(separator: "--- response\n", maxSplits: 1, omittingEmptySubsequences: false)
    let (head, body) = divided(halves[0])
    let (answerHead, answer) = divided(halves.count > 1 ? halves[1] : "")
    let line = head[0].split(separator: " ")
    var headers: [String: String] = [:]
    for field in head.dropFirst() {
      let sides = field.split(separator: ":", maxSplits: 1)
      headers[sides[0].lowercased()] = sides.count > 1 ? String(sides[1].drop { $0 == " " }) : ""
    }
    return Exchange(
      name: file.lastPathComponent, method: String(line[0]), path: String(line[1]), headers: headers, body: body,
      code: Int(answerHead.first?.split(separator: " ").first ?? "") ?? 0, answer: answer)
  }

  private static func divided(_ text: Substring) -> (head: [Substring], body: String) {
    guard let gap = text.firstRange(of: "\n\n") else { return (text.split(separator: "\n"), "") }
    return (
      text[..<gap.lowerBound].split(separator: "\n"),
      text[gap.upperBound...].trimmingCharacters(in: .newlines)
    )
  }
}
