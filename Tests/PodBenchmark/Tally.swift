import CAllocationCount
import SharedMemory
import Synchronization

/// What this process has noted since its functions last told it.
struct Tally {
  static let shared = Mutex(Tally())

  /// How long hand-overs took, in the order of their arrival here.
  private(set) var handOvers: [Int64] = []
  /// How long it took until all of an object was read.
  private(set) var reads: [Int64] = []
  private var allocations: UInt64 = 0
  private var invocations: UInt64 = 0

  /// The first function of a chain.
  mutating func begin() { self = Tally(keeping: self) }

  /// A function whose object was sent so long ago.
  mutating func add(handOver: Int64, read: Int64?) {
    handOvers.append(handOver)
    if let read { reads.append(read) }
    invocations += 1
  }

  /// The last function: what there is to tell, which is forgotten.
  mutating func take() -> (handOvers: [Int64], reads: [Int64], allocationsEach: Int64) {
    let count = allocation_count() - allocations
    defer { begin() }
    return (handOvers, reads, Int64(count / max(1, invocations)))
  }

  private init() {}

  /// With room for as much as before, so that the tally itself does not allocate.
  private init(keeping old: Tally) {
    handOvers = old.handOvers
    reads = old.reads
    handOvers.removeAll(keepingCapacity: true)
    reads.removeAll(keepingCapacity: true)
    allocations = allocation_count()
  }
}
