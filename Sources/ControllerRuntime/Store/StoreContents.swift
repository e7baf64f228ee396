import KubernetesAPI

/// The objects of a store and their indexes. Pure: each change returns what readers are to be told.
struct StoreContents {
  private(set) var objects: [ObjectKey: KubernetesObject] = [:]
  private var indexes: [String: [String: Set<ObjectKey>]] = [:]
  private let indexers: [String: @Sendable (KubernetesObject) -> [String]]

  init(indexers: [String: @Sendable (KubernetesObject) -> [String]]) { self.indexers = indexers }

  func keys(index: String, value: String) -> Set<ObjectKey> { indexes[index]?[value] ?? [] }

  /// Nil where nothing changed.
  mutating func set(_ object: KubernetesObject) -> StoreChange? {
    let old = objects[object.key]
    guard old != object else { return nil }
    return change(object.key, from: old, to: object)
  }

  mutating func remove(_ key: ObjectKey) -> StoreChange? {
    guard let old = objects[key] else { return nil }
    return change(key, from: old, to: nil)
  }

  /// Everything there is: what is not among it is gone.
  mutating func replaceAll(_ all: [KubernetesObject]) -> [StoreChange] {
    let kept = Set(all.map(\.key))
    let gone = objects.keys.filter { !kept.contains($0) }.sorted()
    return gone.compactMap { remove($0) } + all.compactMap { set($0) }
  }

  private mutating func change(
    _ key: ObjectKey, from old: KubernetesObject?, to new: KubernetesObject?
  ) -> StoreChange {
    for (name, indexer) in indexers {
      for value in old.map(indexer) ?? [] {
        indexes[name]?[value]?.remove(key)
        if indexes[name]?[value]?.isEmpty ?? false { indexes[name]?[value] = nil }
      }
      for value in new.map(indexer) ?? [] { indexes[name, default: [:]][value, default: []].insert(key) }
    }
    objects[key] = new
    return StoreChange(key: key, old: old, new: new)
  }
}
