import FoundationEssentials
import KubernetesAPI

/// `metadata.managedFields`: who owns which fields of an object.
struct ManagedFields: Sendable, Hashable {
  /// Who, and through which door.
  struct Owner: Sendable, Hashable {
    var manager: String
    var operation: Operation
    var apiVersion: String
    var subresource: String
  }

  enum Operation: String, Sendable { case apply = "Apply", update = "Update" }

  struct Entry: Sendable, Hashable {
    var fields: FieldSet
    var time: String?
  }

  /// Updaters beyond this many are forgotten, oldest first, into one common entry.
  static let updaterLimit = 10

  var entries: [Owner: Entry] = [:]

  init(_ document: JSONValue?) {
    for entry in document?.arrayValue ?? [] {
      guard let operation = (entry["operation"]?.stringValue).flatMap(Operation.init(rawValue:)) else { continue }
      let owner = Owner(
        manager: entry["manager"]?.stringValue ?? "", operation: operation,
        apiVersion: entry["apiVersion"]?.stringValue ?? "", subresource: entry["subresource"]?.stringValue ?? "")
      entries[owner] = Entry(
        fields: FieldSet(document: entry["fieldsV1"] ?? .emptyObject), time: entry["time"]?.stringValue)
    }
  }

  var document: JSONValue? {
    if entries.isEmpty { return nil }
    let sorted = entries.sorted { one, other in
      (one.key.operation.rawValue, one.value.time ?? "", one.key.manager, one.key.apiVersion, one.key.subresource)
        < (
          other.key.operation.rawValue, other.value.time ?? "", other.key.manager, other.key.apiVersion,
          other.key.subresource
        )
    }
    return .array(
      sorted.map { owner, entry in
        var document: JSONValue = [
          "manager": .string(owner.manager), "operation": .string(owner.operation.rawValue),
          "apiVersion": .string(owner.apiVersion), "fieldsType": "FieldsV1", "fieldsV1": entry.fields.document,
        ]
        if !owner.subresource.isEmpty { document["subresource"] = .string(owner.subresource) }
        if let time = entry.time { document["time"] = .string(time) }
        return document
      })
  }

  // MARK: - Update

  /// `owner` changed the object from `old` to `new`, without asking anyone.
  mutating func update(from old: JSONValue, to new: JSONValue, by owner: Owner, schema: Schema, now: String) {
    let change = OwnedFields.compare(Self.owned(old), Self.owned(new), schema)
    take(change, from: owner)
    let had = entries[owner]?.fields ?? FieldSet()
    let has = had.subtracting(change.removed).union(change.modified).union(change.added)
    if has.isEmpty {
      entries[owner] = nil
    } else if has != had {
      entries[owner] = Entry(fields: has, time: now)
    }
    forgetOldUpdaters()
  }

  /// Takes changed and removed fields away from all but `owner`.
  private mutating func take(_ change: OwnedFields.Comparison, from owner: Owner) {
    let changed = change.modified.union(change.added).union(change.removed)
    for (other, entry) in entries where other != owner {
      let rest = entry.fields.subtracting(changed)
      if rest.isEmpty {
        entries[other] = nil
      } else if rest != entry.fields {
        entries[other]?.fields = rest
      }
    }
  }

  private mutating func forgetOldUpdaters() {
    let updaters = entries.filter { $0.key.operation == .update }.sorted {
      ($0.value.time ?? "") < ($1.value.time ?? "")
    }
    guard updaters.count > Self.updaterLimit, let first = updaters.first else { return }
    var common = FieldSet()
    for (owner, entry) in updaters.prefix(updaters.count - Self.updaterLimit + 1) {
      common = common.union(entry.fields)
      entries[owner] = nil
    }
    var owner = first.key
    owner.manager = "ancient-changes"
    owner.subresource = ""
    entries[owner] = Entry(fields: common, time: first.value.time)
  }

  // MARK: - Apply

  struct Conflict: Sendable, Hashable {
    var owner: Owner
    var path: String
  }

  struct Conflicts: Error { var list: [Conflict] }

  /// Lays `applied` over `live`, drops what `owner` applied before and no longer does, and settles ownership.
  mutating func apply(
    _ applied: JSONValue, to live: JSONValue, by owner: Owner, force: Bool, schema: Schema, now: String
  ) throws(Conflicts) -> JSONValue {
    var applied = Self.owned(applied)
    if applied["metadata"] == .emptyObject { applied["metadata"] = Optional.none }
    let merged = OwnedFields.merge(Self.owned(live), applied, schema)
    let before = entries[owner]?.fields
    let fields = OwnedFields.fields(of: applied, schema)
    var others = FieldSet()
    for (other, entry) in entries where other != owner { others = others.union(entry.fields) }
    let result = prune(merged, before: before, owned: fields.union(others), schema: schema)

    let change = OwnedFields.compare(Self.owned(live), result, schema)
    let disputed = change.modified.union(change.added)
    if !force {
      let conflicts = entries.filter { $0.key != owner }
        .sorted { $0.key.manager < $1.key.manager }
        .flatMap { other, entry in
          entry.fields.intersection(disputed).paths.map { Conflict(owner: other, path: $0) }
        }
      if !conflicts.isEmpty { throw Conflicts(list: conflicts) }
    }
    take(change, from: owner)
    if fields.isEmpty {
      entries[owner] = nil
    } else if before != fields {
      entries[owner] = Entry(fields: fields, time: now)
    }
    return Self.restored(result, from: live)
  }

  private func prune(_ merged: JSONValue, before: FieldSet?, owned: FieldSet, schema: Schema) -> JSONValue {
    guard let before, !before.isEmpty else { return merged }
    let all = OwnedFields.fields(of: merged, schema).includingDeclaredFields(schema)
    let last = before.includingDeclaredFields(schema)
    func rest(without fields: FieldSet) -> JSONValue {
      OwnedFields.removing(fields, from: merged, schema) ?? .emptyObject
    }
    var pruned = rest(without: last)
    func kept() -> FieldSet { OwnedFields.fields(of: pruned, schema).includingDeclaredFields(schema) }
    pruned = rest(without: all.subtracting(kept().union(owned.includingDeclaredFields(schema))))
    pruned = rest(without: all.subtracting(kept()).intersection(last))
    return pruned
  }

  // MARK: - What nobody owns

  private static let unowned = [
    "name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields", "resourceVersion",
  ]

  /// The object without the fields that only the server writes.
  static func owned(_ object: JSONValue) -> JSONValue {
    var object = object
    object["apiVersion"] = nil
    object["kind"] = nil
    if var metadata = object["metadata"]?.objectValue {
      for field in unowned { metadata[field] = nil }
      object["metadata"] = .object(metadata)
    }
    return object
  }

  private static func restored(_ result: JSONValue, from live: JSONValue) -> JSONValue {
    var result = result
    result["apiVersion"] = live["apiVersion"]
    result["kind"] = live["kind"]
    for field in unowned {
      if let value = live[path: "metadata", field] { result[path: "metadata", field] = value }
    }
    return result
  }
}
