import KubernetesAPI

/// A structural OpenAPI schema, as custom resource definitions carry it. It decides four things at once: what is valid,
/// what is filled in, what is unknown, and how lists and maps are owned and merged.
final class Schema: Sendable {
  enum Kind: String, Sendable { case object, array, string, integer, number, boolean }
  enum ListType: String, Sendable { case atomic, set, map }

  let kind: Kind?
  let properties: [String: Schema]
  /// The schema of members that `properties` does not name.
  let additional: Schema?
  let items: Schema?
  let required: [String]
  let values: [JSONValue]
  let limits: Limits
  let pattern: String?
  let format: String?
  let defaultValue: JSONValue?
  let isNullable: Bool
  let isIntOrString: Bool
  let keepsUnknown: Bool
  let isEmbeddedResource: Bool
  let listType: ListType
  let listKeys: [String]
  let isAtomicMap: Bool
  /// The key that a strategic merge patch matches elements of this list by; empty for lists of plain values that are
  /// merged as sets; nil for lists that a patch replaces.
  let patchMergeKey: String?
  /// Whether this schema, or one inside it, has `x-kubernetes-validations`, which this server does not evaluate.
  let hasRules: Bool
  /// Whether this schema itself says `self == oldSelf`, the one rule that this server does enforce.
  let isImmutable: Bool
  let immutableMessage: String?
  /// The document that the schema was read from, for OpenAPI.
  let document: JSONValue

  struct Limits: Sendable {
    var minimum: Double?
    var maximum: Double?
    var exclusiveMinimum = false
    var exclusiveMaximum = false
    var minLength: Int?
    var maxLength: Int?
    var minItems: Int?
    var maxItems: Int?
    var minProperties: Int?
    var maxProperties: Int?
    var multipleOf: Double?
  }

  /// Accepts and keeps anything.
  static let anything = Schema(["x-kubernetes-preserve-unknown-fields": true])

  init(_ document: JSONValue) {
    self.document = document
    kind = document["type"]?.stringValue.flatMap(Kind.init(rawValue:))
    properties = (document["properties"]?.objectValue ?? [:]).mapValues { Schema($0) }
    items = document["items"].map { Schema($0) }
    switch document["additionalProperties"] {
    case .bool(true): additional = .init(["x-kubernetes-preserve-unknown-fields": true])
    case .object(let members): additional = Schema(.object(members))
    default: additional = nil
    }
    required = (document["required"]?.arrayValue ?? []).compactMap(\.stringValue)
    values = document["enum"]?.arrayValue ?? []
    limits = Limits(
      minimum: document["minimum"]?.doubleValue, maximum: document["maximum"]?.doubleValue,
      exclusiveMinimum: document["exclusiveMinimum"]?.boolValue ?? false,
      exclusiveMaximum: document["exclusiveMaximum"]?.boolValue ?? false,
      minLength: document["minLength"]?.intValue, maxLength: document["maxLength"]?.intValue,
      minItems: document["minItems"]?.intValue, maxItems: document["maxItems"]?.intValue,
      minProperties: document["minProperties"]?.intValue, maxProperties: document["maxProperties"]?.intValue,
      multipleOf: document["multipleOf"]?.doubleValue)
    pattern = document["pattern"]?.stringValue
    format = document["format"]?.stringValue
    defaultValue = document["default"]
    isNullable = document["nullable"]?.boolValue ?? false
    isIntOrString = document["x-kubernetes-int-or-string"]?.boolValue ?? false
    keepsUnknown = document["x-kubernetes-preserve-unknown-fields"]?.boolValue ?? false
    isEmbeddedResource = document["x-kubernetes-embedded-resource"]?.boolValue ?? false
    listType = document["x-kubernetes-list-type"]?.stringValue.flatMap(ListType.init(rawValue:)) ?? .atomic
    listKeys = (document["x-kubernetes-list-map-keys"]?.arrayValue ?? []).compactMap(\.stringValue)
    isAtomicMap = document["x-kubernetes-map-type"]?.stringValue == "atomic"
    patchMergeKey =
      (document["x-kubernetes-patch-strategy"]?.stringValue ?? "").contains("merge")
      ? document["x-kubernetes-patch-merge-key"]?.stringValue ?? "" : nil
    let rules = document["x-kubernetes-validations"]?.arrayValue ?? []
    hasRules =
      !rules.isEmpty || properties.values.contains(where: \.hasRules) || items?.hasRules == true
      || additional?.hasRules == true
    let immutable = rules.first { $0["rule"]?.stringValue == "self == oldSelf" }
    isImmutable = immutable != nil
    immutableMessage = immutable?["message"]?.stringValue
  }

  /// The schema of a member; nil where the member is unknown.
  func member(_ name: String) -> Schema? {
    properties[name] ?? additional ?? (keepsUnknown ? .anything : nil)
  }

  /// Whether nothing is known about what is inside.
  var isUntyped: Bool { keepsUnknown && properties.isEmpty && items == nil && additional == nil && kind == nil }
}
