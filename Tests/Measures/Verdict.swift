/// Whether the data plane is as fast as it has to be, after one run or several.
///
/// It is not when one and the same figure is above what is allowed in three runs, one after the other. Only medians count.
/// A run during which the machine gave too much time to others is void: it counts neither way.
package struct Verdict {
  package enum Decision: Equatable {
    /// No figure was above what is allowed in each of the runs.
    case met
    /// Measure once more.
    case again
    case missed([Figure])
    /// So many runs were void that there is no saying.
    case undecided
  }

  /// In a row.
  package static let misses = 3
  package static let voidRuns = 3

  private var missed = 0
  private var void = 0
  /// The figures that every run has found above what is allowed.
  private var suspects: [Figure] = []

  package init() {}

  package mutating func ran(exceeding figures: [Figure], isVoid: Bool) -> Decision {
    guard !isVoid else {
      void += 1
      return void < Self.voidRuns ? .again : .undecided
    }
    suspects = missed == 0 ? figures : suspects.filter { figures.contains($0) }
    missed += 1
    if suspects.isEmpty { return .met }
    return missed < Self.misses ? .again : .missed(suspects)
  }
}
