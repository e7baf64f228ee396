/// What the interpreter of a ledger's decisions does, in the order given.
package enum StoreAction: Sendable, Hashable {
  /// Create a segment and allocate its pages. It is the owner's to write into.
  case create(segment: UInt32, size: Int)
  /// Send the executor the segment's descriptor, for reading.
  case attach(executor: UInt32, segment: UInt32, size: Int)
  /// Tell the executor to unmap the segment.
  case detach(executor: UInt32, segment: UInt32)
  /// Give the segment's memory back.
  case destroy(segment: UInt32)
}

/// Who writes into a segment.
package enum SegmentOwner: Sendable, Hashable {
  case executor(UInt32)
  /// Payloads from outside are written by the sidecar itself.
  case sidecar
}

/// The answer to a writer that needs room.
package enum SegmentDecision: Sendable, Hashable {
  /// A new segment: `create` it (it is among the actions), send `grant`.
  case grant(segment: UInt32, size: Int)
  /// A segment that the executor has mapped, to be written again: send `recycle`. Some of its objects may be there yet;
  /// then only these ranges are free, in their order. Without any all of it is.
  case recycle(segment: UInt32, free: [Range<Int>] = [])
  /// No room now: ask again when something was freed.
  case wait
  /// No room ever: the object needs more than the whole memory.
  case neverFits(limit: Int)
}

/// The answer to a payload from outside.
package enum Reservation: Sendable, Hashable {
  /// The object is in the ledger; write its bytes there once the actions have run.
  case reserved(object: UInt64, segment: UInt32, offset: Int)
  case wait
  case neverFits(limit: Int)
}

/// Why what an executor reported is not believed. The executor is at fault: end it.
package struct LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
  package var description: String

  init(_ description: String) { self.description = description }
}
