/// What a side says in its memory about how it waits for the other one: awake, asleep on the futex of the peer's index, or
/// asleep beside its doorbell; and which index it knows, that is, waits to be left behind.
struct RingSleep: Hashable {
  enum Way: UInt64 { case awake, futex, doorbell }

  /// What stands in the memory: the known index, whose lowest three bits are free, and the way.
  let word: UInt64

  init(word: UInt64) { self.word = word }

  init(_ way: Way, known: UInt64) { word = known | way.rawValue }

  /// Nil for a value that only a peer that breaks the rules can have written; it is left asleep.
  var way: Way? { Way(rawValue: word & 7) }

  var known: UInt64 { word & ~7 }

  static let awake = RingSleep(.awake, known: 0)
}
