import Foundation
import KubernetesAPI

/// What a real API server said, where it lies beside this package.
enum Contract {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let folder = root.deletingLastPathComponent().appending(path: "shared/contract")
  static let definitions = root.appending(path: "manifests/crds")

  static var isPresent: Bool { FileManager.default.fileExists(atPath: folder.path) }
  static var hasDefinitions: Bool { FileManager.default.fileExists(atPath: definitions.path) }

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
