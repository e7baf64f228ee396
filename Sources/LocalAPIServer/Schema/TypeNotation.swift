import KubernetesAPI

/// A short notation for the types of the built-in kinds, expanded into the same OpenAPI schemas that custom kinds have.
///
/// A type is a name at the start of a line; below it, indented, `field: type`. Types are `string`, `int`, `number`,
/// `bool`, `any`, `quantity` and `intOrString` (both text or number), `time`, a name of another type,
/// `map T`, and lists `[T]`. A list may be followed by `by a,b` (a map by those keys, merged by the first in strategic
/// merge patches), `set`, or `merge k` (atomic for owners, merged by `k` in strategic merge patches); `atomic` makes an
/// object one field for its owners.
struct TypeNotation: Sendable {
  private var types: [String: [(name: String, type: Substring)]] = [:]

  init(_ text: String) {
    var current = ""
    for line in text.split(separator: "\n") {
      if line.first != " " {
        current = String(line)
        types[current] = []
      } else if let colon = line.firstIndex(of: ":") {
        let name = line[..<colon].drop { $0 == " " }
        types[current]?.append((String(name), line[line.index(after: colon)...].drop { $0 == " " }))
      }
    }
  }

  /// The schema of a named type with everything in it written out. A type within itself becomes `any` at its second level.
  func schema(_ name: String) -> JSONValue { object(name, depth: 0) }

  private func object(_ name: String, depth: Int) -> JSONValue {
    guard let fields = types[name], depth < 14 else { return Self.any }
    var properties: [String: JSONValue] = [:]
    for field in fields { properties[field.name] = expand(field.type, depth: depth + 1) }
    return ["type": "object", "properties": .object(properties)]
  }

  private func expand(_ text: Substring, depth: Int) -> JSONValue {
    let words = text.split(separator: " ")
    guard let first = words.first else { return Self.any }
    if first == "map", words.count > 1 {
      var schema: JSONValue = ["type": "object", "additionalProperties": expand(words[1], depth: depth)]
      if words.contains("atomic") { schema["x-kubernetes-map-type"] = "atomic" }
      return schema
    }
    if first.hasPrefix("[") {
      return list(of: first.dropFirst().dropLast(), words.dropFirst(), depth: depth)
    }
    var schema = scalar(first) ?? object(String(first), depth: depth)
    if words.contains("atomic") { schema["x-kubernetes-map-type"] = "atomic" }
    return schema
  }

  private func list(of element: Substring, _ role: ArraySlice<Substring>, depth: Int) -> JSONValue {
    var schema: JSONValue = ["type": "array", "items": expand(element, depth: depth)]
    switch (role.first, role.dropFirst().first) {
    case ("by", let keys?):
      let names = keys.split(separator: ",").map { JSONValue.string(String($0)) }
      schema["x-kubernetes-list-type"] = "map"
      schema["x-kubernetes-list-map-keys"] = .array(names)
      schema["x-kubernetes-patch-strategy"] = "merge"
      schema["x-kubernetes-patch-merge-key"] = names.first
    case ("set", _):
      schema["x-kubernetes-list-type"] = "set"
      schema["x-kubernetes-patch-strategy"] = "merge"
    case ("merge", let key?):
      schema["x-kubernetes-list-type"] = "atomic"
      schema["x-kubernetes-patch-strategy"] = "merge"
      schema["x-kubernetes-patch-merge-key"] = .string(String(key))
    default: schema["x-kubernetes-list-type"] = "atomic"
    }
    return schema
  }

  private func scalar(_ name: Substring) -> JSONValue? {
    switch name {
    case "string": ["type": "string"]
    case "int": ["type": "integer"]
    case "number": ["type": "number"]
    case "bool": ["type": "boolean"]
    case "time": ["type": "string", "format": "date-time"]
    case "quantity": ["type": "string", "format": "quantity", "x-kubernetes-int-or-string": true]
    case "intOrString": ["x-kubernetes-int-or-string": true]
    case "any": Self.any
    default: nil
    }
  }

  private static let any: JSONValue = ["x-kubernetes-preserve-unknown-fields": true]
}
