import KubernetesAPI

/// The kinds that are served now.
struct KindRegistry: Sendable {
  private(set) var kinds: [KindDefinition] = BuiltInKinds.all

  func kind(group: String, version: String, plural: String) -> KindDefinition? {
    kinds.first { $0.type.group == group && $0.type.version == version && $0.type.plural == plural }
  }

  func kind(apiVersion: String, kind: String) -> KindDefinition? {
    kinds.first { $0.type.apiVersion == apiVersion && $0.type.kind == kind }
  }

  /// One kind for each place where objects are kept.
  func kind(storage: StorageKey) -> KindDefinition? { kinds.first { $0.storage == storage } }

  /// Groups other than the core one, in the order in which they appeared.
  var groups: [String] {
    var seen: [String] = []
    for kind in kinds where !kind.type.group.isEmpty && !seen.contains(kind.type.group) { seen.append(kind.type.group) }
    return seen
  }

  func versions(of group: String) -> [String] {
    var seen: [String] = []
    for kind in kinds where kind.type.group == group && !seen.contains(kind.type.version) {
      seen.append(kind.type.version)
    }
    return seen
  }

  func kinds(group: String, version: String) -> [KindDefinition] {
    kinds.filter { $0.type.group == group && $0.type.version == version }.sorted { $0.type.plural < $1.type.plural }
  }

  /// Serves what a custom resource definition defines, instead of what it defined before.
  mutating func install(_ definition: JSONValue) {
    remove(definition)
    kinds += CustomKinds.kinds(of: definition)
  }

  mutating func remove(_ definition: JSONValue) {
    let storage = CustomKinds.storage(of: definition)
    kinds.removeAll { $0.isCustom && $0.storage == storage }
  }
}
