import KubernetesAPI

/// What is checked about the metadata of every object.
enum MetadataRules {
  /// The sizes of all keys and values of the annotations together.
  private static let annotationLimit = 256 << 10

  static func problems(in object: JSONValue, old: JSONValue?, _ kind: KindDefinition) -> [FieldError] {
    let metadata = object["metadata"] ?? .emptyObject
    var found: [FieldError] = []
    if old == nil {
      if let name = metadata["name"]?.stringValue, !name.isEmpty {
        if let problem = kind.names.problem(with: name) {
          found.append(.invalid("metadata.name", .string(name), problem))
        }
      } else {
        found.append(.required("metadata.name", "name or generateName is required"))
      }
    }
    found += labels(metadata["labels"], at: "metadata.labels")
    found += annotations(metadata["annotations"])
    found += owners(metadata["ownerReferences"]?.arrayValue ?? [])
    found += finalizers(metadata["finalizers"]?.arrayValue ?? [], kind)
    if let old, old[path: "metadata", "deletionTimestamp"] != nil {
      let before = Set(old[path: "metadata", "finalizers"]?.arrayValue ?? [])
      let added = (metadata["finalizers"]?.arrayValue ?? []).filter { !before.contains($0) }
      if !added.isEmpty {
        let list = added.compactMap(\.stringValue).map { "\"\($0)\"" }.joined(separator: ", ")
        found.append(
          .forbidden(
            "metadata.finalizers",
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(list)}"))
      }
    }
    return found
  }

  static func labels(_ labels: JSONValue?, at path: String) -> [FieldError] {
    (labels?.objectValue ?? [:]).sorted { $0.key < $1.key }.flatMap { key, value -> [FieldError] in
      var found = QualifiedName.problems(with: key).map { FieldError.invalid(path, .string(key), $0) }
      if let text = value.stringValue, !LabelValue.isValid(text) {
        found.append(.invalid(path, value, LabelValue.rule))
      }
      return found
    }
  }

  /// What is wrong with a selector in the form that objects have.
  static func selector(_ selector: JSONValue?, at path: String) -> [FieldError] {
    var found = labels(selector?["matchLabels"], at: "\(path).matchLabels")
    for (index, expression) in (selector?["matchExpressions"]?.arrayValue ?? []).enumerated() {
      let place = "\(path).matchExpressions[\(index)]"
      let hasValues = expression["values"]?.arrayValue?.isEmpty == false
      switch expression["operator"]?.stringValue ?? "" {
      case "In", "NotIn":
        if !hasValues {
          found.append(.required("\(place).values", "must be specified when `operator` is 'In' or 'NotIn'"))
        }
      case "Exists", "DoesNotExist":
        if hasValues {
          found.append(
            .forbidden("\(place).values", "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
        }
      case let other: found.append(.invalid("\(place).operator", .string(other), "not a valid selector operator"))
      }
      let key = expression["key"]?.stringValue ?? ""
      found += QualifiedName.problems(with: key).map { .invalid("\(place).key", .string(key), $0) }
    }
    return found
  }

  private static func annotations(_ annotations: JSONValue?) -> [FieldError] {
    let path = "metadata.annotations"
    let members = (annotations?.objectValue ?? [:]).sorted { $0.key < $1.key }
    var found = members.flatMap { key, _ in
      QualifiedName.problems(with: key.lowercased()).map { FieldError.invalid(path, .string(key), $0) }
    }
    let size = members.reduce(0) { $0 + $1.key.utf8.count + ($1.value.stringValue?.utf8.count ?? 0) }
    if size > annotationLimit { found.append(.tooLong(path, limit: annotationLimit)) }
    return found
  }

  private static func owners(_ owners: [JSONValue]) -> [FieldError] {
    let path = "metadata.ownerReferences"
    var found: [FieldError] = []
    var controller: String?
    for owner in owners {
      for field in ["apiVersion", "kind", "name", "uid"] where owner[field]?.stringValue?.isEmpty ?? true {
        found.append(
          .invalid("\(path).\(field)", "", field == "apiVersion" ? "version must not be empty" : "must not be empty"))
      }
      let type = "\(owner["kind"]?.stringValue ?? "")/\(owner["name"]?.stringValue ?? "")"
      if owner["apiVersion"] == "v1", owner["kind"] == "Event" {
        found.append(.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner"))
      }
      guard owner["controller"]?.boolValue == true else { continue }
      if let controller {
        found.append(
          .invalid(
            path, .array(owners),
            "Only one reference can have Controller set to true. Found \"true\" in references for \(controller) and \(type)"
          ))
      } else {
        controller = type
      }
    }
    return found
  }

  private static func finalizers(_ finalizers: [JSONValue], _ kind: KindDefinition) -> [FieldError] {
    let path = "metadata.finalizers"
    let standard = ["kubernetes", "orphan", "foregroundDeletion"]
    var found: [FieldError] = []
    for value in finalizers {
      guard let text = value.stringValue else { continue }
      found += QualifiedName.problems(with: text).map { .invalid(path, value, $0) }
      if !kind.isCustom, kind.type.group.isEmpty, !text.contains("/"), !standard.contains(text) {
        found.append(.invalid(path, value, "name is neither a standard finalizer name nor is it fully qualified"))
      }
    }
    if finalizers.contains("orphan"), finalizers.contains("foregroundDeletion") {
      found.append(
        .invalid(path, .array(finalizers), "finalizer orphan and foregroundDeletion cannot be both set"))
    }
    return found
  }
}

/// What a label's value may be.
enum LabelValue {
  static let rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"

  static func isValid(_ text: String) -> Bool {
    if text.isEmpty { return true }
    func isPlain(_ character: Character) -> Bool { character.isASCII && (character.isLetter || character.isNumber) }
    guard text.utf8.count <= 63, let first = text.first, let last = text.last, isPlain(first), isPlain(last) else {
      return false
    }
    return text.allSatisfy { isPlain($0) || "-_.".contains($0) }
  }
}
