import FoundationEssentials
import KubernetesAPI

/// Where the next page of a list begins, and of which moment it is a page. Written as a real API server writes it.
struct ContinueToken: Sendable, Hashable {
  /// -1 for the present.
  var revision: Int64
  /// The page has this key and those after it.
  var start: ObjectKey

  init(revision: Int64, start: ObjectKey) {
    self.revision = revision
    self.start = start
  }

  /// The least key that is greater than another.
  static func after(_ key: ObjectKey) -> ObjectKey { ObjectKey(namespace: key.namespace, name: key.name + "\0") }

  init(_ text: String, _ target: ResourceTarget) throws(APIStatus) {
    var base64 = text.replacing("-", with: "+").replacing("_", with: "/")
    base64 += String(repeating: "=", count: (4 - base64.count % 4) % 4)
    guard let data = Data(base64Encoded: base64), let document = try? JSONValue(parsing: data) else {
      throw .badRequest("continue key is not valid: give back the one that the last page named, unchanged")
    }
    let version = document["v"]?.stringValue ?? ""
    guard version == "meta.k8s.io/v1" else {
      throw .badRequest("continue key is not valid: server does not recognize this encoded version \(version)")
    }
    guard let revision = document["rv"]?.intValue, revision != 0 else {
      throw .badRequest("continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)")
    }
    let path = document["start"]?.stringValue ?? ""
    if path.isEmpty {
      throw .badRequest("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)")
    }
    var parts = path.split(separator: "/", maxSplits: 2).map(String.init)
    let name = parts.popLast() ?? ""
    let isWide = target.kind.type.isNamespaced && target.namespace == nil
    guard parts.count == (isWide ? 1 : 0) else { throw .badRequest("continue key is not valid: \(path)") }
    self.revision = Int64(revision)
    start = ObjectKey(namespace: parts.first ?? (target.kind.type.isNamespaced ? target.namespace : nil), name: name)
  }

  /// For lists of that namespace, or of all.
  func text(namespace: String?) -> String {
    let place = namespace == nil ? start.namespace.map { "/\($0)" } ?? "" : ""
    let document: JSONValue = [
      "v": "meta.k8s.io/v1", "rv": .integer(revision), "start": .string("\(place)/\(start.name)"),
    ]
    return document.canonicalData().base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
      .replacing("=", with: "")
  }
}
