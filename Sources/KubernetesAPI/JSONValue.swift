/// Any JSON document. Resources are kept in this form, so that fields that this program does not know survive it.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int64)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  package static let emptyObject = JSONValue.object([:])
}

// MARK: - Reading and writing inside a document

extension JSONValue {
  /// A member of an object; nil where there is none or this is no object. Setting nil removes it;
  /// setting a member of anything that is no object makes it one.
  package subscript(key: String) -> JSONValue? {
    get {
      guard case .object(let members) = self else { return nil }
      return members[key]
    }
    set {
      var members = objectValue ?? [:]
      self = .null  // so that `members` is not copied
      members[key] = newValue
      self = .object(members)
    }
  }

  /// An element of an array; nil beyond its ends.
  package subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  /// The value at a path of object members.
  package subscript(path path: String...) -> JSONValue? {
    get { value(at: path[...]) }
    set { set(newValue, at: path[...]) }
  }

  package func value(at path: ArraySlice<String>) -> JSONValue? {
    guard let first = path.first else { return self }
    return self[first]?.value(at: path.dropFirst())
  }

  package mutating func set(_ value: JSONValue?, at path: ArraySlice<String>) {
    guard let first = path.first else {
      self = value ?? .null
      return
    }
    if path.count == 1 {
      self[first] = value
      return
    }
    if value == nil, self[first] == nil { return }
    var member = self[first] ?? .emptyObject
    member.set(value, at: path.dropFirst())
    self[first] = member
  }

  package var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  package var boolValue: Bool? { if case .bool(let value) = self { value } else { nil } }
  package var arrayValue: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  package var objectValue: [String: JSONValue]? { if case .object(let value) = self { value } else { nil } }
  package var isNull: Bool { self == .null }

  package var intValue: Int? {
    switch self {
    case .integer(let value): Int(value)
    case .number(let value) where value == value.rounded() && abs(value) < 9e15: Int(value)
    default: nil
    }
  }

  package var doubleValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// What JSON calls this kind of value, for messages.
  package var typeName: String {
    switch self {
    case .null: "null"
    case .bool: "boolean"
    case .integer: "integer"
    case .number: "number"
    case .string: "string"
    case .array: "array"
    case .object: "object"
    }
  }
}

// MARK: - Literals

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral,
  ExpressibleByStringInterpolation
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(integerLiteral value: Int64) { self = .integer(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  package init(nilLiteral: ()) { self = .null }
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(Dictionary(elements) { $1 })
  }
}
