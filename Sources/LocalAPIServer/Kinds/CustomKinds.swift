import FoundationEssentials
import KubernetesAPI

/// Reads custom resource definitions.
enum CustomKinds {
  static func storage(of definition: JSONValue) -> StorageKey {
    StorageKey(
      group: definition[path: "spec", "group"]?.stringValue ?? "",
      plural: definition[path: "spec", "names", "plural"]?.stringValue ?? "")
  }

  /// One kind for each served version.
  static func kinds(of definition: JSONValue) -> [KindDefinition] {
    (definition[path: "spec", "versions"]?.arrayValue ?? []).compactMap { version in
      guard version["served"]?.boolValue == true, let name = version["name"]?.stringValue else { return nil }
      return kind(of: definition, version: version, name: name)
    }
  }

  private static func kind(of definition: JSONValue, version: JSONValue, name: String) -> KindDefinition {
    let names = definition[path: "spec", "names"] ?? .emptyObject
    let storage = storage(of: definition)
    let kind = names["kind"]?.stringValue ?? ""
    let scale = version[path: "subresources", "scale"]
    var result = KindDefinition(
      type: ResourceType(
        group: storage.group, version: name, kind: kind, plural: storage.plural,
        isNamespaced: definition[path: "spec", "scope"]?.stringValue != "Cluster"),
      singular: names["singular"]?.stringValue ?? kind.lowercased(), storage: storage,
      schema: Schema(document(version[path: "schema", "openAPIV3Schema"] ?? ["type": "object"])))
    result.shortNames = strings(names["shortNames"])
    result.categories = strings(names["categories"])
    result.columns = columns(version["additionalPrinterColumns"]?.arrayValue ?? [])
    result.hasStatus = version[path: "subresources", "status"] != nil
    result.scale = scale.map {
      KindDefinition.ScalePaths(
        specReplicas: path($0["specReplicasPath"]?.stringValue ?? ".spec.replicas"),
        statusReplicas: path($0["statusReplicasPath"]?.stringValue ?? ".status.replicas"),
        selector: ($0["labelSelectorPath"]?.stringValue).map(path))
    }
    result.tracksGeneration = true
    result.isCustom = true
    result.rules.zero = ["metadata": [:]]
    return result
  }

  /// The schema with what every object has besides.
  private static func document(_ schema: JSONValue) -> JSONValue {
    var schema = schema
    var properties = schema["properties"]?.objectValue ?? [:]
    properties["apiVersion"] = ["type": "string"]
    properties["kind"] = ["type": "string"]
    properties["metadata"] = CoreTypes.notation.schema("ObjectMeta")
    schema["properties"] = .object(properties)
    return schema
  }

  private static func columns(_ declared: [JSONValue]) -> [Column] {
    if declared.isEmpty { return Column.usual }
    return [.name]
      + declared.map { column in
        let path = column["jsonPath"]?.stringValue ?? ""
        let type = column["type"]?.stringValue ?? "string"
        let compiled = JSONPath(path)
        return Column(
          name: column["name"]?.stringValue ?? "", type: type, format: column["format"]?.stringValue ?? "",
          description: column["description"]?.stringValue
            ?? "Custom resource definition column (in JSONPath format): \(path)",
          priority: column["priority"]?.intValue ?? 0
        ) { object, now in
          Column.value(compiled.first(in: object), type: type, now: now)
        }
      }
  }

  private static func strings(_ value: JSONValue?) -> [String] { (value?.arrayValue ?? []).compactMap(\.stringValue) }

  private static func path(_ text: String) -> [String] { text.split(separator: ".").map(String.init) }
}

extension CustomKinds {
  /// Rules of the kind `CustomResourceDefinition` itself.
  static let rules: KindRules = {
    var rules = KindRules()
    rules.zero = ["metadata": [:], "spec": ["names": [:]], "status": [:]]
    rules.defaults = { definition in
      let kind = definition[path: "spec", "names", "kind"]?.stringValue ?? ""
      func fill(_ field: String, _ value: String) {
        if definition[path: "spec", "names", field] == nil {
          definition[path: "spec", "names", field] = .string(value)
        }
      }
      fill("singular", kind.lowercased())
      fill("listKind", kind + "List")
      if definition[path: "spec", "conversion"] == nil {
        definition[path: "spec", "conversion"] = ["strategy": "None"]
      }
    }
    rules.admit = { definition, now in
      let time = JSONValue.string(Timestamps.text(now))
      func condition(_ type: String, _ reason: String, _ message: String) -> JSONValue {
        [
          "type": .string(type), "status": "True", "reason": .string(reason), "message": .string(message),
          "lastTransitionTime": time,
        ]
      }
      let stored = (definition[path: "spec", "versions"]?.arrayValue ?? []).filter { $0["storage"]?.boolValue == true }
      definition["status"] = [
        "conditions": [
          condition("NamesAccepted", "NoConflicts", "no conflicts found"),
          condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        ],
        "acceptedNames": definition[path: "spec", "names"] ?? [:],
        "storedVersions": .array(stored.compactMap { $0["name"] }),
      ]
    }
    rules.validate = { definition, _ in problems(in: definition) }
    return rules
  }()

  private static func problems(in definition: JSONValue) -> [FieldError] {
    var found: [FieldError] = []
    let storage = storage(of: definition)
    if storage.group.isEmpty { found.append(.required("spec.group")) }
    if storage.plural.isEmpty { found.append(.required("spec.names.plural")) }
    if definition[path: "spec", "names", "kind"]?.stringValue?.isEmpty ?? true {
      found.append(.required("spec.names.kind"))
    }
    let expected = "\(storage.plural).\(storage.group)"
    if let name = definition[path: "metadata", "name"], name.stringValue != expected {
      found.append(.invalid("metadata.name", name, "must be spec.names.plural+\".\"+spec.group"))
    }
    if let scope = definition[path: "spec", "scope"] {
      if !["Namespaced", "Cluster"].contains(scope) {
        found.append(.notSupported("spec.scope", scope, supported: ["Cluster", "Namespaced"]))
      }
    } else {
      found.append(.required("spec.scope"))
    }
    let versions = definition[path: "spec", "versions"]?.arrayValue ?? []
    if versions.filter({ $0["storage"]?.boolValue == true }).count != 1 {
      found.append(
        .invalid(
          "spec.versions", .array(versions.compactMap { $0["name"] }),
          "must have exactly one version marked as storage version"))
    }
    for (index, version) in versions.enumerated()
    where version[path: "schema", "openAPIV3Schema", "type"]?.stringValue != "object" {
      found.append(.required("spec.versions[\(index)].schema.openAPIV3Schema", "schemas are required"))
    }
    return found
  }
}
