/// What may go wrong in one run, drawn from its seed. Faults are left out at random, since a run with all of them
/// rarely gets far enough for any one to matter.
struct Profile {
  var steps: Int
  var sharedMemory: Int
  var workerLimit: Int
  var sessionLimit: Int
  var hasDeaths: Bool
  var hasLies: Bool
  var hasHangs: Bool
  var hasFailures: Bool
  var hasFinalFailures: Bool
  var hasCancels: Bool
  var hasLinkBreaks: Bool
  var hasPlanChanges: Bool
  var hasWallJumps: Bool
  var hasLongWaits: Bool
  var hasPartialWorkers: Bool
  var hasDrain: Bool
  /// Sizes of objects are drawn from these.
  var sizes: [Int]

  init(_ tape: inout Tape) {
    // Where arenas have to be filled up between objects that stay: there are four, and six objects fill one.
    let isCramped = tape.below(4) == 1
    steps = (isCramped ? 800 : 100) + 100 * tape.below(8)
    sharedMemory = isCramped ? 256 << 10 : [1 << 20, 2 << 20, 512 << 10, 8 << 20][tape.below(4)]
    workerLimit = 1 + tape.below(5)
    sessionLimit = [3, 1, 12, 60][tape.below(4)]
    hasDeaths = tape.below(2) == 1
    hasLies = tape.below(4) == 1
    hasHangs = tape.below(3) == 1
    hasFailures = tape.below(2) == 1
    hasFinalFailures = tape.below(4) == 1
    hasCancels = tape.below(3) == 1
    hasLinkBreaks = tape.below(2) == 1
    hasPlanChanges = tape.below(2) == 1
    hasWallJumps = tape.below(3) == 1
    hasLongWaits = tape.below(3) == 1
    hasPartialWorkers = tape.below(4) == 1
    hasDrain = tape.below(20) == 1
    sizes =
      isCramped
      ? [9000, 100, 15 << 10]
      : [
        [100, 0, 3000], [100, 0, 3000, 60 << 10], [5000, 20 << 10, 300 << 10], [64, 15 << 10, 200 << 10, 2 << 20],
      ][
        tape.below(4)]
  }
}
