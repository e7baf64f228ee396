/// What the ledger knows of one segment.
struct Segment: Sendable, Hashable {
  /// granted -> current -> left -> retired -> current (recycled) ...; any -> orphaned when the owner goes.
  enum Phase: Sendable, Hashable {
    /// On its way to the owner, not mapped and sealed yet. It holds no objects.
    case granted
    /// The owner writes into it.
    case current
    /// The owner has moved on, but its running attempt may still hold loans here.
    case left
    /// The owner will write into it again only after a `recycle`.
    case retired
    /// The owner is gone.
    case orphaned
  }

  let id: UInt32
  let size: Int
  let owner: SegmentOwner
  /// Holds one object, and goes with it.
  let isLarge: Bool
  var phase: Phase
  /// The end of the last object. Writers only go forward, so that a new object begins here or later.
  var end = 0
  var liveObjects = 0
  /// Who has it mapped for reading. The owner needs no such mapping.
  var readers: Set<UInt32> = []
}
