/// The steps of the protocol between a worker and its sidecar, at each of which a worker may die.
package enum KillPoint: String, CaseIterable, Sendable {
  case connected
  /// A part of the hello is sent.
  case greeting
  case greeted
  case welcomed
  /// It was given an invocation.
  case invoked
  /// It has asked for memory, which may be in the making.
  case asked
  /// It has the descriptor of new memory, or may use old memory again.
  case granted
  /// It has mapped the memory and has not said so. Only of new memory.
  case mapped
  /// It has said so: the sidecar seals.
  case announced
  /// The object is written and nobody knows of it.
  case written
  /// A part of the report is sent: in the ring its place only, whose frame is to come through the socket.
  case reporting
  /// The report lies in the ring and is not published.
  case staged
  case reported

  /// In which of its invocations, from 0, it is worth dying there. Memory is new in the first two; that of the first is
  /// used again in the third.
  package var rounds: [Int] {
    switch self {
    case .connected, .greeting, .greeted, .welcomed: [0]
    case .mapped, .announced: [0, 1]
    default: [0, 2]
    }
  }
}
