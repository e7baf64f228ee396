/// Names of firings: the same for the same trigger, session and members in their order, in every process and release.
package struct FiringID: Sendable {
  private var hash = StableHash()

  package init(trigger: String, session: String) {
    hash.update(field: trigger)
    hash.update(field: session)
  }

  /// Adds the next member.
  package mutating func add(key: String) { hash.update(field: key) }

  package consuming func finish() -> String { hash.finish() }
}
