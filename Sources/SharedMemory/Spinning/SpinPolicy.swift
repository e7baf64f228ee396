/// Decides how long a wait spins before it sleeps, by how long the last waits took.
///
/// Waking a sleeper costs some tens of microseconds, so spinning pays when the peer usually comes sooner, and is a waste
/// when it usually does not. With `m`, the median of the last nine waits:
///
///     budget = 0                                 if m > ceiling
///     budget = min(ceiling, max(floor, 2 m))     otherwise
///
/// | m, µs | 0 | 1 | 2.5 | 4 | 10 | 25 | 40 | 50 | 51 | 1000 |
/// |---|---|---|---|---|---|---|---|---|---|---|
/// | budget, µs | 5 | 5 | 5 | 8 | 20 | 50 | 50 | 50 | 0 | 0 |
///
/// A wait that slept counts without what the wake-up cost. Otherwise two sides that both sleep would never find out
/// that each only waits for the other to wake. Nine waits, so that one pause changes nothing and five in a row do: a
/// side that became idle spins five times more, at most for the ceiling each, and then not at all. At first every wait
/// counts as half the ceiling, so a new side spins as long as it may. The sidecar's loop, which knows when it had to wake a
/// worker, then spins for the ceiling, unless the budget is 0. `SpinSettings` says how the limits are tuned, and
/// `SeparationPolicy` keeps two that spin for one another on different processors.
package struct SpinPolicy: Sendable {
  /// Durations in nanoseconds.
  package struct Limits: Sendable, Hashable {
    /// The longest spin.
    package var ceiling: Int64
    /// The shortest spin, if any.
    package var floor: Int64
    /// What of a wait that slept is the price of waking.
    package var wakeCost: Int64

    package init(ceiling: Int64 = 50_000, floor: Int64 = 5_000, wakeCost: Int64 = 25_000) {
      self.ceiling = ceiling
      self.floor = floor
      self.wakeCost = wakeCost
    }
  }

  private static let window = 9

  private let limits: Limits
  private var waits: [9 of Int64]
  private var next = 0

  package init(limits: Limits = Limits()) {
    self.limits = limits
    waits = .init(repeating: limits.ceiling / 2)
  }

  /// A wait is over.
  package mutating func waited(_ nanoseconds: Int64, hasSlept: Bool) {
    waits[next] = max(0, hasSlept ? nanoseconds - limits.wakeCost : nanoseconds)
    next = next + 1 == Self.window ? 0 : next + 1
  }

  /// Whether there is no spinning at all, not even a glance.
  package var isOff: Bool { limits.ceiling == 0 }

  /// For how many nanoseconds the next wait may spin.
  package var budget: Int64 {
    let median = median
    guard median <= limits.ceiling else { return 0 }
    return min(limits.ceiling, max(limits.floor, 2 * median))
  }

  /// The budget after a peer had to be woken: when that gets to run, and how cold its caches are, earlier waits do not tell.
  package var budgetAfterWaking: Int64 { budget > 0 ? limits.ceiling : 0 }

  private var median: Int64 {
    var sorted = waits
    for index in 1..<Self.window {
      let value = sorted[index]
      var place = index
      while place > 0, sorted[place - 1] > value {
        sorted[place] = sorted[place - 1]
        place -= 1
      }
      sorted[place] = value
    }
    return sorted[Self.window / 2]
  }
}
