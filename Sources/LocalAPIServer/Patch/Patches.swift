import KubernetesAPI

/// RFC 7386.
enum MergePatch {
  static func apply(_ patch: JSONValue, to target: JSONValue?) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var members = target?.objectValue ?? [:]
    for (name, change) in changes {
      if change.isNull {
        members.removeValue(forKey: name)
      } else {
        members[name] = apply(change, to: members[name])
      }
    }
    return .object(members)
  }
}

/// RFC 6902.
enum JSONPatch {
  struct Failure: Error {
    var message: String
  }

  static func apply(_ patch: JSONValue, to target: JSONValue) throws(Failure) -> JSONValue {
    guard case .array(let operations) = patch else { throw Failure(message: "a JSON patch is an array of operations") }
    var document = target
    for operation in operations { document = try perform(operation, on: document) }
    return document
  }

  private static func perform(_ operation: JSONValue, on document: JSONValue) throws(Failure) -> JSONValue {
    let path = try pointer(operation["path"])
    switch operation["op"]?.stringValue {
    case "add": return try edit(document, path[...], .add(operation["value"] ?? .null))
    case "replace": return try edit(document, path[...], .replace(operation["value"] ?? .null))
    case "remove": return try edit(document, path[...], .remove)
    case "test":
      guard value(in: document, path[...]) ?? .null == operation["value"] ?? .null else {
        throw Failure(message: "testing value /\(path.joined(separator: "/")) failed")
      }
      return document
    case "copy", "move":
      let from = try pointer(operation["from"])
      guard let moved = value(in: document, from[...]) else {
        throw Failure(message: "nothing at /\(from.joined(separator: "/"))")
      }
      let rest = operation["op"] == "move" ? try edit(document, from[...], .remove) : document
      return try edit(rest, path[...], .add(moved))
    default: throw Failure(message: "unknown operation \(operation["op"]?.canonicalText ?? "null")")
    }
  }

  private enum Edit {
    case add(JSONValue)
    case replace(JSONValue)
    case remove
  }

  private static func pointer(_ value: JSONValue?) throws(Failure) -> [String] {
    guard let text = value?.stringValue, text.isEmpty || text.hasPrefix("/") else {
      throw Failure(message: "a path begins with /")
    }
    return text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      .map { String($0.replacing("~1", with: "/").replacing("~0", with: "~")) }
  }

  private static func value(in document: JSONValue, _ path: ArraySlice<String>) -> JSONValue? {
    guard let first = path.first else { return document }
    let next = document.arrayValue != nil ? Int(first).flatMap { document[$0] } : document[first]
    return next.flatMap { value(in: $0, path.dropFirst()) }
  }

  private static func edit(_ document: JSONValue, _ path: ArraySlice<String>, _ edit: Edit) throws(Failure) -> JSONValue
  {
    guard let first = path.first else {
      switch edit {
      case .add(let value), .replace(let value): return value
      case .remove: return .null
      }
    }
    if case .array(var elements) = document {
      let index = first == "-" ? elements.count : Int(first) ?? -1
      if path.count > 1 {
        guard elements.indices.contains(index) else { throw Failure(message: "no element \(first)") }
        elements[index] = try self.edit(elements[index], path.dropFirst(), edit)
        return .array(elements)
      }
      switch edit {
      case .add(let value):
        guard (0...elements.count).contains(index) else { throw Failure(message: "no place \(first)") }
        elements.insert(value, at: index)
      case .replace(let value):
        guard elements.indices.contains(index) else { throw Failure(message: "no element \(first)") }
        elements[index] = value
      case .remove:
        guard elements.indices.contains(index) else { throw Failure(message: "no element \(first)") }
        elements.remove(at: index)
      }
      return .array(elements)
    }
    guard case .object(var members) = document else { throw Failure(message: "nothing inside of \(document.typeName)") }
    if path.count > 1 {
      guard let member = members[first] else { throw Failure(message: "no field \(first)") }
      members[first] = try self.edit(member, path.dropFirst(), edit)
      return .object(members)
    }
    switch edit {
    case .add(let value): members[first] = value
    case .replace(let value):
      guard members[first] != nil else { throw Failure(message: "no field \(first)") }
      members[first] = value
    case .remove:
      guard members.removeValue(forKey: first) != nil else { throw Failure(message: "no field \(first)") }
    }
    return .object(members)
  }
}

/// Strategic merge patches for the built-in kinds. Lists that the types of `CoreTypes` mark with `by`, `set` or `merge`
/// are merged by their key; others are replaced. The directives `$patch: delete`, `$patch: replace`,
/// `$deleteFromPrimitiveList/…` and `$retainKeys` (ignored) and `$setElementOrder/…` (ignored) are understood.
enum StrategicMergePatch {
  static func apply(_ patch: JSONValue, to target: JSONValue?, _ schema: Schema) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    if changes["$patch"] == "replace" { return clean(patch) }
    var members = target?.objectValue ?? [:]
    for (name, change) in changes {
      if name.hasPrefix("$deleteFromPrimitiveList/") {
        let list = String(name.dropFirst("$deleteFromPrimitiveList/".count))
        let gone = Set(change.arrayValue ?? [])
        members[list] = members[list].map { .array(($0.arrayValue ?? []).filter { !gone.contains($0) }) }
        continue
      }
      if name.hasPrefix("$") { continue }
      let inner = schema.member(name) ?? .anything
      if change.isNull {
        members[name] = nil
      } else if let elements = change.arrayValue {
        members[name] = .array(merge(elements, into: members[name]?.arrayValue ?? [], inner))
      } else if change["$patch"] == "delete" {
        members[name] = nil
      } else {
        members[name] = apply(change, to: members[name], inner)
      }
    }
    return .object(members)
  }

  private static func merge(_ changes: [JSONValue], into elements: [JSONValue], _ schema: Schema) -> [JSONValue] {
    guard let key = schema.patchMergeKey else { return changes.map(clean) }
    if changes.contains(where: { $0["$patch"] == "replace" }) {
      return changes.filter { $0["$patch"] != "replace" }.map(clean)
    }
    var result = elements
    if key.isEmpty {
      for change in changes where !result.contains(change) { result.append(change) }
      return result
    }
    var added: [JSONValue] = []
    for change in changes {
      let index = result.firstIndex { $0[key] == change[key] }
      if change["$patch"] == "delete" {
        if let index { result.remove(at: index) }
      } else if let index {
        result[index] = apply(change, to: result[index], schema.items ?? .anything)
      } else {
        added.append(clean(change))
      }
    }
    return added + result
  }

  /// Without directives and nulls.
  private static func clean(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      .object(members.filter { !$0.key.hasPrefix("$") && !$0.value.isNull }.mapValues(clean))
    case .array(let elements): .array(elements.map(clean))
    default: value
    }
  }
}
