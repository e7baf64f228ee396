package import FoundationEssentials
package import KubernetesAPI

/// Conditions as server-side apply wants them.
package enum StatusConditions {
  /// `new` as documents: each with its generation, and with the transition time of the previous one of its type if the
  /// status is the same. `owned` says which of the previous ones are ours; the others are left out, so that
  /// server-side apply keeps them for their owners.
  package static func merged(
    _ new: [Condition], previous: JSONValue?, owned: Set<String>, generation: Int, now: Date
  ) -> JSONValue {
    let before: [Condition] = (previous?.arrayValue ?? []).compactMap { try? $0.decode() }
    let time = Timestamp.format(now)
    return .array(
      new.map { condition in
        var condition = condition
        condition.observedGeneration = generation
        let merged = before.filter { owned.contains($0.type) }.setting(condition, now: time)
        let result = merged.first { $0.type == condition.type } ?? condition
        return document(result)
      })
  }

  private static func document(_ condition: Condition) -> JSONValue {
    var document: JSONValue = [
      "type": .string(condition.type), "status": .string(condition.status), "reason": .string(condition.reason),
      "message": .string(String(condition.message.prefix(32_000))),
    ]
    document["observedGeneration"] = condition.observedGeneration.map { .integer(Int64($0)) }
    document["lastTransitionTime"] = condition.lastTransitionTime.map { .string($0) }
    return document
  }

  /// Whether a status, as far as it is ours, already says what `wanted` says. Members that only others write do not
  /// count; a condition of ours that is there and no longer wanted does.
  package static func isUpToDate(_ current: JSONValue?, wanted: JSONValue, owned: Set<String>) -> Bool {
    guard let members = wanted.objectValue else { return false }
    return members.allSatisfy { name, value in
      guard name == "conditions" else { return current?[name] == value }
      let ours = (current?[name]?.arrayValue ?? []).filter { owned.contains($0["type"]?.stringValue ?? "") }
      return Set(ours) == Set(value.arrayValue ?? [])
    }
  }
}
