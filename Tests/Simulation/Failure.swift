import Dataflow

/// An invariant that did not hold.
package struct Failure: Sendable, Hashable, CustomStringConvertible {
  package enum Invariant: String, Sendable, Hashable {
    /// What became visible has to make triggers fire as their meaning says, no more and no less.
    case firings
    case oneCommit = "one-commit"
    case sessionEnds = "session-ends"
    case outcome
    case readable
    case delivery
    case memory
    case tables
    case honesty
    case protocolOrder = "protocol"
    case sameTrace = "same-trace"
  }

  package var invariant: Invariant
  package var message: String
  /// How many steps had been made.
  package var step: Int

  package var description: String { "\(invariant.rawValue), after \(step) steps: \(message)" }
}
