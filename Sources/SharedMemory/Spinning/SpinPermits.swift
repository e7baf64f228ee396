/// Who may spin while idle: as many as there are processors less one, so that spinning never takes the last from one that
/// has work. Those that became idle last have the permits, as they are given work first.
package struct SpinPermits: Sendable {
  /// What has to be told: first to whom a permit is withdrawn, then to whom one is given.
  package struct Change: Sendable, Hashable {
    package var revoked: Int?
    package var granted: Int?

    package static let none = Change()
  }

  /// The most permits at a time.
  package private(set) var limit: Int
  /// Who is idle, since the longest time first. The last `limit` of them have a permit.
  private var idle: [Int] = []

  package init(limit: Int) { self.limit = max(0, limit) }

  package func isHolding(_ member: Int) -> Bool { idle.suffix(limit).contains(member) }

  /// A member has nothing to do. One that is idle already counts as having become so now.
  package mutating func becameIdle(_ member: Int) -> Change {
    guard limit > 0 else {
      if !idle.contains(member) { idle.append(member) }
      return .none
    }
    let wasHolding = isHolding(member)
    idle.removeAll { $0 == member }
    idle.append(member)
    if wasHolding { return .none }
    return Change(revoked: idle.count > limit ? idle[idle.count - 1 - limit] : nil, granted: member)
  }

  /// A member has work, or is gone. Its permit goes to the one that became idle last among those without.
  package mutating func becameBusy(_ member: Int) -> Change {
    guard let place = idle.lastIndex(of: member) else { return .none }
    let wasHolding = idle.count - place <= limit
    idle.remove(at: place)
    guard wasHolding else { return .none }
    return Change(revoked: member, granted: idle.count >= limit ? idle[idle.count - limit] : nil)
  }
}
