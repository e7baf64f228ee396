import Foundation
import KubernetesAPI
import KubernetesClient

/// Reads request bodies.
enum BodyReader {
  struct Malformed: Error, CustomStringConvertible {
    var description: String
  }

  static func document(_ data: Data, mediaType: String) throws(Malformed) -> JSONValue {
    if let document = try? JSONValue(parsing: data) { return document }
    if mediaType.contains("yaml") { return try yaml(data) }
    let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    throw Malformed(
      description: text.hasSuffix("}") || text.hasSuffix("]")
        ? "invalid JSON" : "unexpected end of JSON input")
  }

  private static func yaml(_ data: Data) throws(Malformed) -> JSONValue {
    throw Malformed(description: "YAML is not read here")
  }
}
