import KubernetesAPI

/// One change of one stored object, as the history keeps it for watches.
struct Change: Sendable {
  enum Kind: Sendable { case created, updated, deleted }

  var revision: UInt64
  var kind: Kind
  var storage: StorageKey
  var key: ObjectKey
  /// The object before, except for a created one.
  var old: JSONValue?
  /// The object after; for a deleted one, as it was at the end, with the revision of its deletion.
  var new: JSONValue
}
