/// Names of firings: the same for the same trigger, session and members in their order, in every process and release.
package struct FiringID: Sendable {
  private var hash = StableHash()

  /// What all firings of the trigger begin with.
  package init(trigger: String) { hash.update(field: trigger) }

  package init(trigger: String, session: String) { self = FiringID(trigger: trigger).of(session: session) }

  /// The beginning of the firings in a session.
  package func of(session: String) -> FiringID {
    var firing = self
    firing.hash.update(field: session)
    return firing
  }

  /// Adds the next member.
  package mutating func add(key: Label) { hash.update(field: key) }

  package consuming func finish() -> Label { Label(hash.digest()) }
}
