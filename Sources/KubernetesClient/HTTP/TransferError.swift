/// Why a transfer brought no (whole) answer.
enum TransferError: Error, Hashable, Sendable {
  case cancelled
  case unreachable(String)
  case timedOut(String)
  /// The server's certificate is not trusted, or ours was refused.
  case certificate(String)
  case protocolViolation(String)
  case tooLarge(limit: Int)
  case tooManyTransfers(limit: Int)
  /// The client's own rate would have held the request back for longer than it may take.
  case tooManyWaiting
  case connectionLost(String)
  case setup(String)

  var detail: String {
    switch self {
    case .cancelled: "cancelled"
    case .unreachable(let text), .timedOut(let text), .certificate(let text), .protocolViolation(let text),
      .connectionLost(let text), .setup(let text):
      text
    case .tooLarge(let limit): "the answer is larger than \(limit) bytes"
    case .tooManyTransfers(let limit): "more than \(limit) requests at a time"
    case .tooManyWaiting: "more requests wait for this client's own rate than it can send in time"
    }
  }
}
