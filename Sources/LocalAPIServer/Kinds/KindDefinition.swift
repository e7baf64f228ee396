import FoundationEssentials
import KubernetesAPI

/// Where objects of a kind are kept. Kinds that show the same objects in two ways share one.
struct StorageKey: Sendable, Hashable {
  var group: String
  var plural: String
}

/// Everything that tells one kind from another. The server has one implementation; a kind is data.
struct KindDefinition: Sendable {
  var type: ResourceType
  var singular: String
  var shortNames: [String] = []
  var categories: [String] = []
  var storage: StorageKey
  /// The whole object, with `apiVersion`, `kind` and `metadata`.
  var schema: Schema
  var columns: [Column] = Column.usual
  var hasStatus = false
  var scale: ScalePaths?
  var subresources: [ExtraSubresource] = []
  var tracksGeneration = false
  var names = NameRule.subdomain
  /// Defined by a custom resource definition, so nulls are kept and strategic merge patches are refused.
  var isCustom = false
  var canDeleteCollection = true
  var rules = KindRules()
  /// What a person who creates an object of this kind should know.
  var notice: String?

  var listKind: String { type.kind + "List" }

  /// `workflows.pheromone.dev`, or `pods`.
  var resourceName: String { type.group.isEmpty ? type.plural : "\(type.plural).\(type.group)" }

  /// `Workflow.pheromone.dev`, or `Pod`.
  var kindName: String { type.group.isEmpty ? type.kind : "\(type.kind).\(type.group)" }

  struct ScalePaths: Sendable {
    var specReplicas: [String]
    var statusReplicas: [String]
    var selector: [String]?
  }

  /// A subresource besides `status` and `scale`, for discovery.
  struct ExtraSubresource: Sendable {
    var name: String
    var kind: String
    var group = ""
    var version = ""
    var verbs: [String]
  }
}

/// What a kind does beyond its schema.
struct KindRules: Sendable {
  /// Fields that are always there in this kind's own representation, so that nobody owns their presence.
  var zero: JSONValue = ["metadata": [:]]
  /// Fills in what the schema cannot.
  var defaults: @Sendable (inout JSONValue) -> Void = { _ in }
  /// Completes a new object with what belongs to no client.
  var admit: @Sendable (inout JSONValue, Date) -> Void = { _, _ in }
  /// Completes a new or changed object with what belongs to no client.
  var complete: @Sendable (inout JSONValue) -> Void = { _ in }
  /// The second value is the object before an update.
  var validate: @Sendable (JSONValue, JSONValue?) -> [FieldError] = { _, _ in [] }
  /// Between this kind's representation and the stored one.
  var toStorage: @Sendable (JSONValue) -> JSONValue = { $0 }
  var fromStorage: @Sendable (JSONValue) -> JSONValue = { $0 }
}

/// Which names a kind allows.
enum NameRule: Sendable {
  case subdomain
  case label
  case any

  /// What is wrong with `name`, in the words of a real API server.
  func problem(with name: String) -> String? {
    switch self {
    case .subdomain:
      if name.utf8.count > 253 { return "must be no more than 253 bytes" }
      let parts = name.split(separator: ".", omittingEmptySubsequences: false)
      return parts.allSatisfy(Self.isLabel)
        ? nil
        : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    case .label:
      if name.utf8.count > 63 { return "must be no more than 63 bytes" }
      return Self.isLabel(Substring(name))
        ? nil
        : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
    case .any:
      return name == "." || name == ".." || name.contains("/") || name.contains("%")
        ? "may not be '.' or '..' and may not contain '/' or '%'" : nil
    }
  }

  private static func isLabel(_ text: Substring) -> Bool {
    func isPlain(_ byte: UInt8) -> Bool {
      (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x30 && byte <= 0x39)
    }
    guard let first = text.utf8.first, let last = text.utf8.last, isPlain(first), isPlain(last) else { return false }
    return text.utf8.allSatisfy { isPlain($0) || $0 == 0x2d }
  }
}
