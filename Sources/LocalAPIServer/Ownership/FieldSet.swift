import KubernetesAPI

/// One step into an object: a field, an element of a map list by its keys, or an element of a set by its value.
enum PathElement: Sendable, Hashable {
  case field(String)
  case key(JSONValue)
  case value(JSONValue)

  /// As in `managedFields`.
  var text: String {
    switch self {
    case .field(let name): "f:\(name)"
    case .key(let keys): "k:\(keys.canonicalText)"
    case .value(let value): "v:\(value.canonicalText)"
    }
  }

  init?(_ text: String) {
    let rest = String(text.dropFirst(2))
    if text.hasPrefix("f:") {
      self = .field(rest)
    } else if text.hasPrefix("k:"), let keys = try? JSONValue(parsing: rest) {
      self = .key(keys)
    } else if text.hasPrefix("v:"), let value = try? JSONValue(parsing: "[\(rest)]"), let element = value[0] {
      self = .value(element)
    } else {
      return nil
    }
  }

  /// As in messages: `.spec`, `[name="app"]`, `[="x"]`.
  var description: String {
    switch self {
    case .field(let name): return ".\(name)"
    case .key(let keys):
      let pairs = (keys.objectValue ?? [:]).sorted { $0.key < $1.key }
      return "[\(pairs.map { "\($0.key)=\($0.value.canonicalText)" }.joined(separator: ","))]"
    case .value(let value): return "[=\(value.canonicalText)]"
    }
  }
}

/// A set of fields of an object, as a tree of path elements.
struct FieldSet: Sendable, Hashable {
  /// Whether the field at this place is in the set, apart from what is inside it.
  var isMember = false
  var children: [PathElement: FieldSet] = [:]

  var isEmpty: Bool { !isMember && children.isEmpty }

  func union(_ other: FieldSet) -> FieldSet {
    var result = self
    result.isMember = isMember || other.isMember
    for (element, child) in other.children { result.children[element] = (children[element] ?? FieldSet()).union(child) }
    return result
  }

  func intersection(_ other: FieldSet) -> FieldSet {
    var result = FieldSet(isMember: isMember && other.isMember)
    for (element, child) in children {
      guard let otherChild = other.children[element] else { continue }
      let common = child.intersection(otherChild)
      if !common.isEmpty { result.children[element] = common }
    }
    return result
  }

  func subtracting(_ other: FieldSet) -> FieldSet {
    var result = FieldSet(isMember: isMember && !other.isMember)
    for (element, child) in children {
      let rest = other.children[element].map { child.subtracting($0) } ?? child
      if !rest.isEmpty { result.children[element] = rest }
    }
    return result
  }

  mutating func insert(_ path: ArraySlice<PathElement>) {
    guard let first = path.first else {
      isMember = true
      return
    }
    children[first, default: FieldSet()].insert(path.dropFirst())
  }

  /// Every member's path, in order.
  var paths: [String] {
    var found: [String] = isMember ? [""] : []
    for (element, child) in children.sorted(by: { $0.key.text < $1.key.text }) {
      found += child.paths.map { element.description + $0 }
    }
    return found
  }

  /// With every field that the schema declares on the way to a member made a member itself.
  func includingDeclaredFields(_ schema: Schema) -> FieldSet {
    var result = self
    for (element, child) in children {
      var deeper = child.includingDeclaredFields(schema.child(element))
      if case .field(let name) = element, schema.properties[name] != nil { deeper.isMember = true }
      result.children[element] = deeper
    }
    return result
  }
}

// MARK: - As in managedFields

extension FieldSet {
  var document: JSONValue {
    var members: [String: JSONValue] = [:]
    for (element, child) in children {
      var inside = child.document
      if child.isMember, !child.children.isEmpty { inside["."] = [:] }
      members[element.text] = inside
    }
    return .object(members)
  }

  init(document: JSONValue) {
    for (text, inside) in document.objectValue ?? [:] {
      if text == "." {
        isMember = true
      } else if let element = PathElement(text) {
        var child = FieldSet(document: inside)
        if child.children.isEmpty { child.isMember = true }
        children[element] = child
      }
    }
  }
}

extension Schema {
  /// The schema of what a path element leads to.
  func child(_ element: PathElement) -> Schema {
    switch element {
    case .field(let name): member(name) ?? .anything
    case .key, .value: items ?? .anything
    }
  }

  /// How owners see `value`: as one field, or as the parts of it.
  func isOwnedWhole(_ value: JSONValue) -> Bool {
    switch value {
    case .object: isAtomicMap
    case .array: listType == .atomic
    default: true
    }
  }

  func pathElement(of element: JSONValue) -> PathElement {
    listType == .set ? .value(element) : .key(identity(of: element) ?? element)
  }
}
