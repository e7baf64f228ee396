import KubernetesAPI

/// What a real API server refuses about the volumes of a pod.
enum VolumeValidation {
  /// In the order in which a real one looks: the second source is the one that is refused.
  private static let sources = [
    "emptyDir", "hostPath", "secret", "nfs", "persistentVolumeClaim", "downwardAPI", "configMap", "csi", "projected",
    "ephemeral", "image",
  ]

  static func problems(in volumes: [JSONValue]) -> [FieldError] {
    var found: [FieldError] = []
    var names: Set<String> = []
    for (index, volume) in volumes.enumerated() {
      let path = "spec.volumes[\(index)]"
      found += problems(inSourceOf: volume, at: path)
      let name = volume["name"]?.stringValue ?? ""
      if name.isEmpty {
        found.append(.required("\(path).name"))
      } else if let problem = NameRule.label.problem(with: name) {
        found.append(.invalid("\(path).name", .string(name), problem))
      } else if !names.insert(name).inserted {
        found.append(.duplicate("\(path).name", .string(name)))
      }
    }
    return found
  }

  private static func problems(inSourceOf volume: JSONValue, at path: String) -> [FieldError] {
    let given = sources.filter { volume[$0] != nil }
    var found = given.dropFirst().map {
      FieldError.forbidden("\(path).\($0)", "may not specify more than 1 volume type")
    }
    switch given.first {
    case nil: found.append(.required(path, "must specify a volume type"))
    case "secret": found += keyed(volume["secret"], name: "secretName", at: "\(path).secret")
    case "configMap": found += keyed(volume["configMap"], name: "name", at: "\(path).configMap")
    case "hostPath":
      if volume[path: "hostPath", "path"]?.stringValue?.isEmpty ?? true {
        found.append(.required("\(path).hostPath.path"))
      }
    case "emptyDir":
      if let size = volume[path: "emptyDir", "sizeLimit"], ResourceQuantity(size)?.isNegative ?? false {
        found.append(.forbidden("\(path).emptyDir.sizeLimit", "SizeLimit field must be a valid resource quantity"))
      }
      if let medium = volume[path: "emptyDir", "medium"]?.stringValue, !["", "Memory"].contains(medium),
        !medium.hasPrefix("HugePages")
      {
        found.append(.notSupported("\(path).emptyDir.medium", .string(medium), supported: ["", "HugePages", "Memory"]))
      }
    default: break
    }
    return found
  }

  private static func keyed(_ source: JSONValue?, name: String, at path: String) -> [FieldError] {
    var found: [FieldError] = []
    if source?[name]?.stringValue?.isEmpty ?? true { found.append(.required("\(path).\(name)")) }
    if let mode = source?["defaultMode"], let number = mode.intValue, !(0...0o777).contains(number) {
      found.append(
        .invalid("\(path).defaultMode", mode, "must be a number between 0 and 0777 (octal), both inclusive"))
    }
    for (index, item) in (source?["items"]?.arrayValue ?? []).enumerated() {
      let place = "\(path).items[\(index)]"
      if item["key"]?.stringValue?.isEmpty ?? true { found.append(.required("\(place).key")) }
      found += relative(item["path"]?.stringValue ?? "", at: "\(place).path", isRequired: true)
    }
    return found
  }

  /// What is wrong with a path that has to stay below another.
  static func relative(_ text: String, at path: String, isRequired: Bool) -> [FieldError] {
    if text.isEmpty { return isRequired ? [.required(path)] : [] }
    if text.hasPrefix("/") { return [.invalid(path, .string(text), "must be a relative path")] }
    return text.split(separator: "/").contains("..") ? [.invalid(path, .string(text), "must not contain '..'")] : []
  }
}
