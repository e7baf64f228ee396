import FoundationEssentials
import Glibc
import KubernetesClient
import Posix

/// The outputs of a session in the body of an answer: one as it is, several as `multipart/form-data`.
enum OutputParts {
  struct Part: Equatable {
    var name: String
    var bytes: Data
  }

  /// Prints what a session has answered: at a terminal as people want it, else byte by byte.
  static func print(_ response: KubernetesClient.Response) throws {
    let parts = isatty(STDOUT_FILENO) == 1 ? parts(of: response.body, response.headers["content-type"] ?? "") : nil
    try OpenFile.standardOutput.write(parts.map(text) ?? response.body)
  }

  /// Each part below a heading, and on lines of its own.
  static func text(_ parts: [Part]) -> Data {
    parts.reduce(into: Data()) { text, part in
      let name = part.name.isEmpty ? "(default)" : SessionText.visible(part.name)
      text += Data("==> \(name) <==\n".utf8) + part.bytes
      if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    }
  }

  /// The parts in their order; nil for anything else than several outputs.
  static func parts(of body: Data, _ contentType: String) -> [Part]? {
    guard let match = contentType.firstMatch(of: #/^multipart\/form-data;.*boundary="?([^";]+)/#) else { return nil }
    // The first boundary is at the very beginning; every other one ends the line of the part before.
    let boundary = Data("\r\n--\(match.1)".utf8)
    let text = Data("\r\n".utf8) + body
    var parts: [Part] = []
    var rest = text[...]
    while let start = rest.firstRange(of: boundary) {
      rest = rest[start.upperBound...]
      guard let headEnd = rest.firstRange(of: Data("\r\n\r\n".utf8)),
        let end = rest[headEnd.upperBound...].firstRange(of: boundary)
      else { break }
      let head = String(decoding: rest[..<headEnd.lowerBound], as: UTF8.self)
      let name = head.firstMatch(of: #/ name="([^"]*)"/#).map { String($0.1) } ?? ""
      parts.append(
        Part(
          name: name.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n"),
          bytes: Data(rest[headEnd.upperBound..<end.lowerBound])))
      rest = rest[end.lowerBound...]
    }
    return parts.isEmpty ? nil : parts
  }
}
