/// What a peer understands beyond the first release of its protocol, as its handshake says. A bit that a reader does not
/// know stays set and means nothing to it.
package struct Features: OptionSet, Sendable, Hashable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A sidecar that follows the calls of a transaction.
  package static let calls = Features(rawValue: 1 << 0)
  /// A pod that answers `recording`.
  package static let recordings = Features(rawValue: 1 << 1)
  /// A coordinator that takes `deadLetter`.
  package static let deadLetters = Features(rawValue: 1 << 2)

  /// A pod that waits for `received`.
  package static let receipts = Features(rawValue: 1 << 3)

  /// A sidecar that takes the rings that a worker offers with its hello.
  package static let rings = Features(rawValue: 1 << 4)

  /// A worker that goes on by itself where `Continuations` says so.
  package static let continuations = Features(rawValue: 1 << 5)

  /// A worker that writes only into the free ranges that a `recycle` names.
  package static let freeRanges = Features(rawValue: 1 << 6)

  /// A sidecar that takes `workerEnded`, and a supervisor that sends it.
  package static let endings = Features(rawValue: 1 << 7)

  /// All that this release understands.
  package static let current: Features = [
    .calls, .recordings, .deadLetters, .receipts, .rings, .continuations, .freeRanges, .endings,
  ]
}
