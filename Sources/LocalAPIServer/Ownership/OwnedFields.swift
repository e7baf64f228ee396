import KubernetesAPI

/// Field ownership after Kubernetes enhancement 555 (server-side apply): which fields a document has, how two differ, and
/// how an applied one is merged into a live one. The rules for lists and maps come from the schema.
enum OwnedFields {
  struct Comparison: Sendable {
    var added = FieldSet()
    var modified = FieldSet()
    var removed = FieldSet()
  }

  /// The fields that an applied document speaks about.
  static func fields(of value: JSONValue, _ schema: Schema) -> FieldSet {
    if schema.isOwnedWhole(value) { return FieldSet(isMember: true) }
    var result = FieldSet()
    switch value {
    case .object(let members):
      for (name, member) in members {
        var child = fields(of: member, schema.member(name) ?? .anything)
        let isEmptyMap = member.objectValue?.isEmpty ?? false
        if member.isNull || isEmptyMap || schema.properties[name] == nil { child.isMember = true }
        if !child.isEmpty { result.children[.field(name)] = child }
      }
    case .array(let elements):
      if elements.isEmpty { result.isMember = true }
      for element in elements {
        var child = fields(of: element, schema.items ?? .anything)
        child.isMember = true
        result.children[schema.pathElement(of: element)] = child
      }
    default: break
    }
    return result
  }

  /// What changed from `old` to `new`.
  static func compare(_ old: JSONValue, _ new: JSONValue, _ schema: Schema) -> Comparison {
    var result = Comparison()
    compare(old, new, schema, at: [], into: &result)
    return result
  }

  private static func compare(
    _ old: JSONValue?, _ new: JSONValue?, _ schema: Schema, at path: [PathElement], into result: inout Comparison
  ) {
    guard let sample = new ?? old else { return }
    let isLeaf = schema.isOwnedWhole(sample) || old.map(size) ?? 0 == 0 && new.map(size) ?? 0 == 0
    let isSameShape = old.map { $0.typeName } ?? sample.typeName == new.map { $0.typeName } ?? sample.typeName
    if isLeaf || !isSameShape {
      switch (old, new) {
      case (nil, _): result.added.insert(path[...])
      case (_, nil): result.removed.insert(path[...])
      case (let old?, let new?): if old != new { result.modified.insert(path[...]) }
      }
      return
    }
    let before = parts(old, schema)
    let after = parts(new, schema)
    for (element, value) in after {
      compare(before[element], value, schema.child(element), at: path + [element], into: &result)
    }
    for (element, value) in before where after[element] == nil {
      compare(value, nil, schema.child(element), at: path + [element], into: &result)
    }
    if !path.isEmpty {
      if old == nil { result.added.insert(path[...]) }
      if new == nil { result.removed.insert(path[...]) }
    }
  }

  private static func size(_ value: JSONValue) -> Int {
    value.objectValue?.count ?? value.arrayValue?.count ?? 1
  }

  private static func parts(_ value: JSONValue?, _ schema: Schema) -> [PathElement: JSONValue] {
    switch value {
    case .object(let members):
      return Dictionary(uniqueKeysWithValues: members.map { (.field($0.key), $0.value) })
    case .array(let elements):
      return Dictionary(elements.map { (schema.pathElement(of: $0), $0) }) { $1 }
    default: return [:]
    }
  }

  /// `live` with everything that `applied` says laid over it.
  static func merge(_ live: JSONValue, _ applied: JSONValue, _ schema: Schema) -> JSONValue {
    if schema.isOwnedWhole(applied) || live.typeName != applied.typeName { return applied }
    switch (live, applied) {
    case (.object(var members), .object(let changes)):
      for (name, change) in changes {
        members[name] = members[name].map { merge($0, change, schema.member(name) ?? .anything) } ?? change
      }
      return .object(members)
    case (.array(let elements), .array(let changes)):
      var result = elements
      for change in changes {
        let identity = schema.pathElement(of: change)
        if let index = result.firstIndex(where: { schema.pathElement(of: $0) == identity }) {
          result[index] = merge(result[index], change, schema.items ?? .anything)
        } else {
          result.append(change)
        }
      }
      return .array(result)
    default: return applied
    }
  }

  /// `value` without the members of `fields`. Nil when nothing is left of it.
  static func removing(_ fields: FieldSet, from value: JSONValue, _ schema: Schema) -> JSONValue? {
    if fields.children.isEmpty { return value }
    switch value {
    case .object(let members):
      var result: [String: JSONValue] = [:]
      for (name, member) in members {
        guard let child = fields.children[.field(name)] else {
          result[name] = member
          continue
        }
        if child.isMember { continue }
        result[name] = removing(child, from: member, schema.member(name) ?? .anything)
      }
      return result.isEmpty && !members.isEmpty ? nil : .object(result)
    case .array(let elements):
      if schema.listType == .atomic { return value }
      var result: [JSONValue] = []
      for element in elements {
        guard let child = fields.children[schema.pathElement(of: element)] else {
          result.append(element)
          continue
        }
        if child.isMember { continue }
        if let rest = removing(child, from: element, schema.items ?? .anything) { result.append(rest) }
      }
      return result.isEmpty && !elements.isEmpty ? nil : .array(result)
    default: return value
    }
  }
}
