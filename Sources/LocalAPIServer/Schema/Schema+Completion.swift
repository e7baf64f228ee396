import KubernetesAPI

extension Schema {
  /// `value` with the defaults of absent fields filled in. A null where null is not allowed and a default exists counts
  /// as absent.
  func defaulted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(var members):
      for (name, schema) in properties {
        if let member = members[name], !(member.isNull && !schema.isNullable && schema.defaultValue != nil) {
          members[name] = schema.defaulted(member)
        } else if let fallback = schema.defaultValue {
          members[name] = schema.defaulted(fallback)
        }
      }
      if let additional {
        for (name, member) in members where properties[name] == nil { members[name] = additional.defaulted(member) }
      }
      return .object(members)
    case .array(let elements):
      guard let items else { return value }
      return .array(elements.map { items.defaulted($0) })
    default: return value
    }
  }

  /// `value` without the fields that the schema does not know, and their paths.
  func pruned(_ value: JSONValue, at path: String = "") -> (value: JSONValue, unknown: [String]) {
    var unknown: [String] = []
    let kept = prune(value, at: path, into: &unknown)
    return (kept, unknown)
  }

  private func prune(_ value: JSONValue, at path: String, into unknown: inout [String]) -> JSONValue {
    switch value {
    case .object(var members):
      if isUntyped { return value }
      for (name, member) in members.sorted(by: { $0.key < $1.key }) {
        let memberPath = Self.join(path, name)
        if let schema = properties[name] ?? additional {
          members[name] = schema.prune(member, at: memberPath, into: &unknown)
        } else if !keepsUnknown {
          if isEmbeddedResource, ["apiVersion", "kind", "metadata"].contains(name) { continue }
          members[name] = nil
          unknown.append(memberPath)
        }
      }
      return .object(members)
    case .array(let elements):
      guard let items else { return value }
      return .array(
        elements.enumerated().map { index, element in
          items.prune(element, at: "\(path)[\(index)]", into: &unknown)
        })
    default: return value
    }
  }

  /// `value` without the nulls that stand for an absent field in the types of the built-in kinds.
  static func withoutNulls(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      .object(members.filter { !$0.value.isNull }.mapValues { withoutNulls($0) })
    case .array(let elements): .array(elements.map { withoutNulls($0) })
    default: value
    }
  }
}
