/// One entry of `status.conditions`, as the Kubernetes API conventions have it.
package struct Condition: Sendable, Hashable, Codable {
  package var type: String
  /// `True`, `False` or `Unknown`.
  package var status: String
  package var reason: String
  package var message: String
  package var observedGeneration: Int?
  /// RFC 3339; moves only when `status` changes.
  package var lastTransitionTime: String?

  package init(
    type: String, status: String, reason: String, message: String, observedGeneration: Int? = nil,
    lastTransitionTime: String? = nil
  ) {
    self.type = type
    self.status = status
    self.reason = reason
    self.message = message
    self.observedGeneration = observedGeneration
    self.lastTransitionTime = lastTransitionTime
  }
}

extension [Condition] {
  /// The conditions with `new` in place of the one of its type; its transition time is kept unless its status changed.
  package func setting(_ new: Condition, now: String) -> [Condition] {
    var result = self
    var condition = new
    if let index = firstIndex(where: { $0.type == new.type }) {
      condition.lastTransitionTime = self[index].status == new.status ? self[index].lastTransitionTime ?? now : now
      result[index] = condition
    } else {
      condition.lastTransitionTime = now
      result.append(condition)
    }
    return result
  }
}
