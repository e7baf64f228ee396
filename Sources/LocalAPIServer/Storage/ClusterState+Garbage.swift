import FoundationEssentials
import KubernetesAPI

/// What follows from a deletion: dependents go with their owners, and namespaces with what is in them.
extension ClusterState {
  /// A chain of owners longer than this is taken up again at the next tick.
  private static let roundLimit = 64

  mutating func settle(now: Date) {
    for _ in 0..<Self.roundLimit {
      let before = revision
      let gone = departed
      departed = []
      for uid in gone { releaseOrDeleteDependents(of: uid, now: now) }
      finishForegroundDeletions(now: now)
      emptyNamespaces(now: now)
      if revision == before, departed.isEmpty { return }
    }
  }

  private struct Dependent {
    var storage: StorageKey
    var key: ObjectKey
    var object: JSONValue
  }

  private func dependents(of uid: String) -> [Dependent] { dependents(at: ownership.dependents(of: uid)) }

  private func dependents(at places: Set<OwnershipIndex.Place>) -> [Dependent] {
    places.compactMap { place in
      object(place.storage, place.key).map { Dependent(storage: place.storage, key: place.key, object: $0) }
    }.sorted { $0.key < $1.key }
  }

  private static func owners(of object: JSONValue) -> [JSONValue] {
    object[path: "metadata", "ownerReferences"]?.arrayValue ?? []
  }

  private func hasLivingOwner(_ object: JSONValue) -> Bool {
    Self.owners(of: object).contains { uids.contains($0["uid"]?.stringValue ?? "") }
  }

  private mutating func releaseOrDeleteDependents(of uid: String, now: Date) {
    for dependent in dependents(of: uid) {
      if hasLivingOwner(dependent.object) {
        release(dependent, from: uid)
      } else if dependent.object[path: "metadata", "deletionTimestamp"] == nil {
        delete(dependent.storage, dependent.key, Deletion(propagation: .background), now: now)
      }
    }
  }

  /// For deletions that leave dependents alone.
  mutating func releaseDependents(of uid: String) {
    for dependent in dependents(of: uid) { release(dependent, from: uid) }
  }

  private mutating func release(_ dependent: Dependent, from uid: String) {
    var object = dependent.object
    let rest = Self.owners(of: object).filter { $0["uid"]?.stringValue != uid }
    object[path: "metadata", "ownerReferences"] = rest.isEmpty ? Optional.none : .some(.array(rest))
    put(object, dependent.storage, dependent.key)
  }

  /// An owner in foreground deletion waits for the dependents that block it.
  private mutating func finishForegroundDeletions(now: Date) {
    for owner in dependents(at: ownership.foreground) {
      let uid = owner.object[path: "metadata", "uid"]?.stringValue ?? ""
      for dependent in dependents(of: uid) where dependent.object[path: "metadata", "deletionTimestamp"] == nil {
        let inner = dependent.object[path: "metadata", "uid"]?.stringValue ?? ""
        let propagation: Deletion.Propagation = dependents(of: inner).isEmpty ? .background : .foreground
        delete(dependent.storage, dependent.key, Deletion(propagation: propagation), now: now)
      }
      let blocks = dependents(of: uid).contains { dependent in
        Self.owners(of: dependent.object).contains {
          $0["uid"]?.stringValue == uid && $0["blockOwnerDeletion"]?.boolValue == true
        }
      }
      guard !blocks, var object = self.object(owner.storage, owner.key) else { continue }
      let rest = (object[path: "metadata", "finalizers"]?.arrayValue ?? []).filter { $0 != "foregroundDeletion" }
      object[path: "metadata", "finalizers"] = rest.isEmpty ? Optional.none : .some(.array(rest))
      if Self.isFinished(object) {
        remove(owner.storage, owner.key, last: object)
      } else {
        put(object, owner.storage, owner.key)
      }
    }
  }

  private mutating func emptyNamespaces(now: Date) {
    for key in ownership.terminatingNamespaces.sorted() {
      guard let namespace = object(Self.namespaces, key) else { continue }
      var isEmpty = true
      for (storage, members) in objects {
        for (inner, object) in members where inner.namespace == key.name {
          if object[path: "metadata", "deletionTimestamp"] == nil {
            delete(storage, inner, Deletion(propagation: .background), now: now)
          }
          if exists(storage, inner) { isEmpty = false }
        }
      }
      if isEmpty, (namespace[path: "metadata", "finalizers"]?.arrayValue ?? []).isEmpty {
        remove(Self.namespaces, key)
      }
    }
  }

  /// Objects that were created when all their owners were already gone.
  mutating func collectAbandoned(now: Date) {
    for dependent in dependents(at: takeUnverified())
    where dependent.object[path: "metadata", "deletionTimestamp"] == nil
      && !Self.owners(of: dependent.object).isEmpty && !hasLivingOwner(dependent.object)
    {
      delete(dependent.storage, dependent.key, Deletion(propagation: .background), now: now)
    }
  }

  mutating func dropOldEvents(now: Date) {
    for (key, event) in objects[Self.events] ?? [:] {
      let times = [
        event[path: "series", "lastObservedTime"], event["lastTimestamp"], event["eventTime"],
        event[path: "metadata", "creationTimestamp"],
      ]
      let last = times.lazy.compactMap { $0?.stringValue }.compactMap(Timestamps.parse).max()
      if let last, now.timeIntervalSince(last) > Self.eventLifetime { remove(Self.events, key) }
    }
  }
}
