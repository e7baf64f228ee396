import DequeModule
import FoundationEssentials
import KubernetesAPI

/// Everything that the API server knows: a value. A request changes it and gets its answer in one step; time and
/// chance come from outside.
///
/// - Bounds: `historyLimit` changes are kept for watches (older ones answer 410 `Expired`), and events are dropped an
///   hour after they were last seen.
struct ClusterState: Sendable {
  static let historyLimit = 8192
  static let eventLifetime: TimeInterval = 3600
  /// `etcd` refuses objects beyond this, and so does a real API server.
  static let objectLimit = 1_572_864

  var registry = KindRegistry()
  var objects: [StorageKey: [ObjectKey: JSONValue]] = [:]
  private(set) var revision: UInt64
  private(set) var history: Deque<Change> = []
  /// Watches can start after this revision.
  private(set) var oldestRevision: UInt64
  /// The uids of all objects, to tell owners that are gone.
  private(set) var uids: Set<String> = []
  private(set) var ownership = OwnershipIndex()
  /// Owners that went away and whose dependents have not been looked at.
  var departed: [String] = []
  /// Namespaces in which PodDisruptionBudgets have to be counted anew.
  var unsettledBudgets: Set<String> = []
  /// Changes that nobody has been told yet.
  private var untold: [Change] = []
  var random: SplitMix

  init(revision: UInt64, seed: UInt64) {
    self.revision = revision
    oldestRevision = revision
    random = SplitMix(state: seed)
  }

  // MARK: - Reading

  func object(_ storage: StorageKey, _ key: ObjectKey) -> JSONValue? { objects[storage]?[key] }

  func exists(_ storage: StorageKey, _ key: ObjectKey) -> Bool { objects[storage]?[key] != nil }

  // MARK: - Writing

  /// Stores an object, new or changed, under the next revision. Answers it with that revision.
  @discardableResult
  mutating func put(_ object: JSONValue, _ storage: StorageKey, _ key: ObjectKey) -> JSONValue {
    let old = objects[storage]?[key]
    let stored = stamped(object)
    objects[storage, default: [:]][key] = stored
    uids.insert(stored[path: "metadata", "uid"]?.stringValue ?? "")
    ownership.update(.init(storage: storage, key: key), from: old, to: stored)
    record(
      Change(
        revision: revision, kind: old == nil ? .created : .updated, storage: storage, key: key, old: old, new: stored))
    if storage == Self.definitions { registry.install(stored) }
    return stored
  }

  /// Takes an object away. Answers it as it was, with the revision of its deletion.
  @discardableResult
  mutating func remove(_ storage: StorageKey, _ key: ObjectKey, last: JSONValue? = nil) -> JSONValue? {
    guard let old = objects[storage]?.removeValue(forKey: key) else { return nil }
    let final = stamped(last ?? old)
    let uid = old[path: "metadata", "uid"]?.stringValue ?? ""
    uids.remove(uid)
    ownership.update(.init(storage: storage, key: key), from: old, to: nil)
    departed.append(uid)
    record(Change(revision: revision, kind: .deleted, storage: storage, key: key, old: old, new: final))
    if storage == Self.definitions {
      registry.remove(old)
      let custom = CustomKinds.storage(of: old)
      for (key, object) in objects.removeValue(forKey: custom) ?? [:] {
        let uid = object[path: "metadata", "uid"]?.stringValue ?? ""
        uids.remove(uid)
        departed.append(uid)
        ownership.update(.init(storage: custom, key: key), from: object, to: nil)
      }
    }
    return final
  }

  private mutating func stamped(_ object: JSONValue) -> JSONValue {
    revision += 1
    var object = object
    object[path: "metadata", "resourceVersion"] = .string(String(revision))
    return object
  }

  /// Those whose owners may have been gone when they were created.
  mutating func takeUnverified() -> Set<OwnershipIndex.Place> { ownership.takeUnverified() }

  private mutating func record(_ change: Change) {
    if let namespace = change.key.namespace, !Self.uncounted.contains(change.storage) {
      unsettledBudgets.insert(namespace)
    }
    history.append(change)
    untold.append(change)
    while history.count > Self.historyLimit {
      if let dropped = history.popFirst() { oldestRevision = dropped.revision }
    }
  }

  mutating func takeChanges() -> [Change] {
    defer { untold = [] }
    return untold
  }

  static let definitions = StorageKey(group: "apiextensions.k8s.io", plural: "customresourcedefinitions")
  static let namespaces = StorageKey(group: "", plural: "namespaces")
  static let pods = StorageKey(group: "", plural: "pods")
  static let events = StorageKey(group: "", plural: "events")
  /// What changes often and is no matter of PodDisruptionBudgets.
  private static let uncounted: Set<StorageKey> = [events, StorageKey(group: "coordination.k8s.io", plural: "leases")]
}

/// A small source of chance with a seed, so that a state and a request decide everything.
struct SplitMix: RandomNumberGenerator, Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// A version 4 UUID in lower case.
  mutating func uid() -> String {
    let high = (next() & ~0xf000) | 0x4000
    let low = (next() & ~(0b11 << 62)) | (0b10 << 62)
    func hex(_ value: UInt64) -> String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    let text = Array(hex(high) + hex(low))
    return [text[0..<8], text[8..<12], text[12..<16], text[16..<20], text[20..<32]].map { String($0) }
      .joined(separator: "-")
  }

  /// Five letters, as `generateName` appends them: no vowels, so no words.
  mutating func suffix() -> String {
    let letters = Array("bcdfghjklmnpqrstvwxz2456789")
    return String((0..<5).compactMap { _ in letters.randomElement(using: &self) })
  }
}
