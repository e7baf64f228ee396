import KubernetesAPI

/// Finds what a deletion concerns without looking at every object: who belongs to whom, and who waits for what.
struct OwnershipIndex: Sendable {
  /// An object's place in the state.
  struct Place: Sendable, Hashable {
    var storage: StorageKey
    var key: ObjectKey
  }

  /// Objects by their owners' uids.
  private var dependents: [String: Set<Place>] = [:]
  /// Objects that wait in foreground deletion for their dependents.
  private(set) var foreground: Set<Place> = []
  /// Namespaces that are being deleted.
  private(set) var terminatingNamespaces: Set<ObjectKey> = []
  /// Objects whose owners changed since somebody last asked; such owners may have been gone already.
  private var unverified: Set<Place> = []

  func dependents(of uid: String) -> Set<Place> { uid.isEmpty ? [] : dependents[uid] ?? [] }

  mutating func takeUnverified() -> Set<Place> {
    defer { unverified = [] }
    return unverified
  }

  /// An object is new (`old` is nil), has changed, or is gone (`new` is nil).
  mutating func update(_ place: Place, from old: JSONValue?, to new: JSONValue?) {
    let (before, after) = (Self.owners(of: old), Self.owners(of: new))
    if before != after {
      for uid in before.subtracting(after) {
        dependents[uid]?.remove(place)
        if dependents[uid]?.isEmpty == true { dependents[uid] = nil }
      }
      for uid in after.subtracting(before) { dependents[uid, default: []].insert(place) }
      if after.isEmpty { unverified.remove(place) } else { unverified.insert(place) }
    }
    let isInForeground = new?[path: "metadata", "finalizers"]?.arrayValue?.contains("foregroundDeletion") ?? false
    if isInForeground { foreground.insert(place) } else { foreground.remove(place) }
    guard place.storage == ClusterState.namespaces else { return }
    if new?[path: "metadata", "deletionTimestamp"] != nil {
      terminatingNamespaces.insert(place.key)
    } else {
      terminatingNamespaces.remove(place.key)
    }
  }

  private static func owners(of object: JSONValue?) -> Set<String> {
    guard let owners = object?[path: "metadata", "ownerReferences"]?.arrayValue else { return [] }
    return Set(owners.compactMap { $0["uid"]?.stringValue })
  }
}
