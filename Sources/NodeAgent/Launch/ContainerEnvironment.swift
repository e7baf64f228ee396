package import FoundationEssentials
package import KubernetesAPI

/// The ConfigMaps and Secrets that a pod's containers name, as they were when they were asked for.
package struct ConfigurationData: Sendable, Hashable {
  /// Nil for one that does not exist.
  package var configMaps: [String: [String: Data]?]
  package var secrets: [String: [String: Data]?]

  package init(configMaps: [String: [String: Data]?] = [:], secrets: [String: [String: Data]?] = [:]) {
    self.configMaps = configMaps
    self.secrets = secrets
  }

  package static func values(of object: KubernetesObject) -> [String: Data] {
    var values: [String: Data] = [:]
    let isSecret = object.kind == "Secret"
    for (key, value) in object["data"]?.objectValue ?? [:] {
      let text = value.stringValue ?? ""
      values[key] = isSecret ? Data(base64Encoded: text) ?? Data() : Data(text.utf8)
    }
    for (key, value) in object["binaryData"]?.objectValue ?? [:] {
      values[key] = Data(base64Encoded: value.stringValue ?? "") ?? Data()
    }
    for (key, value) in object["stringData"]?.objectValue ?? [:] { values[key] = Data((value.stringValue ?? "").utf8) }
    return values
  }
}

/// The environment of one container, built in the order of the specification: later entries may refer to earlier ones.
package struct ContainerEnvironment: Sendable, Hashable {
  package private(set) var values: [String: String] = [:]

  package init(
    of container: ContainerSpecification, downward: DownwardAPI, data: ConfigurationData, mapping: PathMapping,
    base: [String: String] = [:]
  ) throws(StartFailure) {
    values = base
    for source in container.envFrom ?? [] {
      let prefix = source.prefix ?? ""
      if let reference = source.configMapRef {
        try add(data.configMaps[reference.name] ?? nil, prefix, reference, "configmap")
      }
      if let reference = source.secretRef { try add(data.secrets[reference.name] ?? nil, prefix, reference, "secret") }
    }
    for entry in container.env ?? [] {
      guard let value = try value(of: entry, in: container, downward: downward, data: data) else { continue }
      values[entry.name] = value
    }
    values = values.mapValues { mapping.replace(in: $0) }
  }

  package func expand(_ text: String) -> String { VariableExpansion.expand(text) { values[$0] } }

  private mutating func add(
    _ data: [String: Data]?, _ prefix: String, _ reference: EnvironmentSource.ObjectReference, _ kind: String
  ) throws(StartFailure) {
    guard let data else {
      if reference.optional == true { return }
      throw StartFailure(.configuration, "\(kind) \"\(reference.name)\" not found")
    }
    for (key, value) in data { values[prefix + key] = String(decoding: value, as: UTF8.self) }
  }

  private func value(
    of entry: EnvironmentEntry, in container: ContainerSpecification, downward: DownwardAPI, data: ConfigurationData
  ) throws(StartFailure) -> String? {
    if let text = entry.value { return VariableExpansion.expand(text) { values[$0] } }
    guard let source = entry.valueFrom else { return "" }
    if let field = source.fieldRef { return try downward.value(of: field) }
    if let resource = source.resourceFieldRef { return try downward.value(of: resource, in: container) }
    if let key = source.configMapKeyRef {
      return try value(of: key, in: data.configMaps[key.name] ?? nil, kind: "configmap")
    }
    if let key = source.secretKeyRef { return try value(of: key, in: data.secrets[key.name] ?? nil, kind: "secret") }
    throw StartFailure(.configuration, "env \(entry.name): valueFrom names no source that the node agent knows")
  }

  private func value(
    of reference: KeyReference, in data: [String: Data]?, kind: String
  ) throws(StartFailure) -> String? {
    if let value = data?[reference.key] { return String(decoding: value, as: UTF8.self) }
    if reference.optional == true { return nil }
    throw StartFailure(
      .configuration,
      data == nil
        ? "\(kind) \"\(reference.name)\" not found"
        : "couldn't find key \(reference.key) in \(kind) \"\(reference.name)\"")
  }
}
