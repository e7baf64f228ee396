import FoundationEssentials
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
    let text = String(decoding: data, as: UTF8.self).trimmed
    throw Malformed(
      description: text.hasSuffix("}") || text.hasSuffix("]")
        ? "invalid JSON" : "unexpected end of JSON input")
  }

  private static func yaml(_ data: Data) throws(Malformed) -> JSONValue {
    let documents: [JSONValue]
    do {
      documents = try YAML.parse(String(decoding: data, as: UTF8.self), file: "request body")
    } catch {
      throw Malformed(description: "\(error)")
    }
    guard documents.count == 1 else {
      throw Malformed(description: "the body has \(documents.count) YAML documents; send one at a time")
    }
    return documents[0]
  }
}
