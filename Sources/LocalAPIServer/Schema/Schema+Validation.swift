import KubernetesAPI

extension Schema {
  /// Everything in `value` that the schema does not allow, in the order of field names.
  func errors(in value: JSONValue, at path: String) -> [FieldError] {
    var found: [FieldError] = []
    collectErrors(in: value, at: path, into: &found)
    return found
  }

  private func collectErrors(in value: JSONValue, at path: String, into found: inout [FieldError]) {
    if value.isNull, isNullable || isUntyped { return }
    guard matchesType(value) else {
      found.append(.wrongType(path, value, expected: isIntOrString ? "integer,string" : kind?.rawValue ?? "object"))
      return
    }
    if !values.isEmpty, !values.contains(value) {
      found.append(.notSupported(path, value, supported: values))
    }
    switch value {
    case .object(let members): checkObject(members, at: path, into: &found)
    case .array(let elements): checkArray(elements, at: path, into: &found)
    case .string(let text): checkString(text, at: path, into: &found)
    case .integer, .number: checkNumber(value, at: path, into: &found)
    case .null, .bool: break
    }
  }

  private func matchesType(_ value: JSONValue) -> Bool {
    if isIntOrString {
      switch value {
      case .string, .integer: return true
      case .number: return value.intValue != nil
      default: return false
      }
    }
    switch (kind, value) {
    case (nil, _): return true
    case (.object, .object), (.array, .array), (.string, .string), (.boolean, .bool): return true
    case (.number, .number), (.number, .integer), (.integer, .integer): return true
    case (.integer, .number): return value.intValue != nil
    default: return false
    }
  }

  private func checkObject(_ members: [String: JSONValue], at path: String, into found: inout [FieldError]) {
    for name in required.sorted() where members[name] == nil {
      found.append(.required(Self.join(path, name)))
    }
    if let limit = limits.maxProperties, members.count > limit {
      found.append(.tooMany(path, members.count, limit: limit))
    }
    if let limit = limits.minProperties, members.count < limit {
      found.append(
        .invalid(path, .integer(Int64(members.count)), "\(path) in body should have at least \(limit) properties"))
    }
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      guard let schema = properties[name] ?? additional else { continue }
      schema.collectErrors(in: member, at: Self.join(path, name), into: &found)
    }
  }

  private func checkArray(_ elements: [JSONValue], at path: String, into found: inout [FieldError]) {
    if let limit = limits.maxItems, elements.count > limit {
      found.append(.tooMany(path, elements.count, limit: limit))
    }
    if let limit = limits.minItems, elements.count < limit {
      found.append(
        .invalid(path, .integer(Int64(elements.count)), "\(path) in body should have at least \(limit) items"))
    }
    guard let items else { return }
    for (index, element) in elements.enumerated() {
      items.collectErrors(in: element, at: "\(path)[\(index)]", into: &found)
    }
  }

  private func checkString(_ text: String, at path: String, into found: inout [FieldError]) {
    if let limit = limits.maxLength, text.unicodeScalars.count > limit { found.append(.tooLong(path, limit: limit)) }
    if let limit = limits.minLength, text.unicodeScalars.count < limit {
      found.append(.invalid(path, .string(text), "\(path) in body should be at least \(limit) chars long"))
    }
    if let pattern, !Self.matches(text, pattern) {
      found.append(.invalid(path, .string(text), "\(path) in body should match '\(pattern)'"))
    }
    if let format, !Formats.isValid(text, format: format) {
      found.append(.invalid(path, .string(text), "\(path) in body must be of type \(format): \"\(text)\""))
    }
  }

  private func checkNumber(_ value: JSONValue, at path: String, into found: inout [FieldError]) {
    guard let number = value.doubleValue else { return }
    func bound(_ bound: Double) -> String {
      bound == bound.rounded() && abs(bound) < 9e15 ? String(Int64(bound)) : String(bound)
    }
    if let minimum = limits.minimum {
      if limits.exclusiveMinimum, number <= minimum {
        found.append(.invalid(path, value, "\(path) in body should be greater than \(bound(minimum))"))
      } else if number < minimum {
        found.append(.invalid(path, value, "\(path) in body should be greater than or equal to \(bound(minimum))"))
      }
    }
    if let maximum = limits.maximum {
      if limits.exclusiveMaximum, number >= maximum {
        found.append(.invalid(path, value, "\(path) in body should be less than \(bound(maximum))"))
      } else if number > maximum {
        found.append(.invalid(path, value, "\(path) in body should be less than or equal to \(bound(maximum))"))
      }
    }
    if let step = limits.multipleOf, step != 0, (number / step) != (number / step).rounded() {
      found.append(.invalid(path, value, "\(path) in body should be a multiple of \(bound(step))"))
    }
  }

  /// A pattern in a dialect that Swift cannot read rejects nothing: the real API server still checks it.
  private static func matches(_ text: String, _ pattern: String) -> Bool {
    guard let expression = try? Regex(pattern).matchingSemantics(.unicodeScalar) else { return true }
    return ((try? expression.firstMatch(in: text)) ?? nil) != nil
  }

  static func join(_ path: String, _ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

// MARK: - Lists that are sets or maps

extension Schema {
  /// Elements of `set` and `map` lists that occur twice.
  func duplicates(in value: JSONValue, at path: String) -> [FieldError] {
    var found: [FieldError] = []
    collectDuplicates(in: value, at: path, into: &found)
    return found
  }

  private func collectDuplicates(in value: JSONValue, at path: String, into found: inout [FieldError]) {
    switch value {
    case .object(let members):
      for (name, member) in members.sorted(by: { $0.key < $1.key }) {
        (properties[name] ?? additional)?.collectDuplicates(in: member, at: Self.join(path, name), into: &found)
      }
    case .array(let elements):
      var seen: Set<JSONValue> = []
      for (index, element) in elements.enumerated() {
        if let identity = identity(of: element), !seen.insert(identity).inserted {
          found.append(.duplicate("\(path)[\(index)]", identity))
        }
        items?.collectDuplicates(in: element, at: "\(path)[\(index)]", into: &found)
      }
    default: break
    }
  }

  /// What tells an element of a `set` or `map` list from the others.
  func identity(of element: JSONValue) -> JSONValue? {
    switch listType {
    case .atomic: return nil
    case .set: return element
    case .map:
      var identity: [String: JSONValue] = [:]
      for key in listKeys {
        if let value = element[key] ?? items?.properties[key]?.defaultValue { identity[key] = value }
      }
      return .object(identity)
    }
  }
}

// MARK: - Immutable fields

extension Schema {
  /// Fields with the rule `self == oldSelf` that an update changes.
  func changedImmutables(old: JSONValue, new: JSONValue, at path: String) -> [FieldError] {
    guard hasRules else { return [] }
    if isImmutable, old != new {
      return [.invalid(path, new, immutableMessage ?? "failed rule: self == oldSelf")]
    }
    guard case .object(let oldMembers) = old, case .object(let newMembers) = new else { return [] }
    return properties.sorted { $0.key < $1.key }.flatMap { name, schema -> [FieldError] in
      guard let before = oldMembers[name], let after = newMembers[name] else { return [] }
      return schema.changedImmutables(old: before, new: after, at: Self.join(path, name))
    }
  }
}
