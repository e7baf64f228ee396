/// Names of firings: the same for the same trigger, session and members in their order, in every process and release.
package enum FiringID {
  package static func make(trigger: String, session: String, keys: some Sequence<String>) -> String {
    var hash = StableHash()
    hash.update(field: trigger)
    hash.update(field: session)
    for key in keys { hash.update(field: key) }
    return hash.finish()
  }
}
