/// What one transfer has brought so far and has not yet been read. Pure: bytes and facts in, decisions out.
///
///     waiting for head ──head──> streaming ──finished──> ended
///            └──────────── failed ───────────┘
///
/// A full buffer refuses bytes, which pauses the transfer; reading empties it and asks the transfer to go on.
struct ResponseBuffer {
  private(set) var head: HTTPResponseHead?
  private var bytes: [UInt8] = []
  private var isPaused = false
  private(set) var outcome: Result<Void, TransferError>?
  private let capacity: Int

  var hasBytes: Bool { !bytes.isEmpty }

  init(capacity: Int) { self.capacity = max(capacity, 1) }

  enum Take: Equatable {
    /// Some bytes; `resume` asks for the paused transfer to go on.
    case bytes([UInt8], resume: Bool)
    case wait
    case end
    case failed(TransferError)
  }

  mutating func headArrived(_ newHead: HTTPResponseHead) {
    guard outcome == nil else { return }
    head = newHead
  }

  /// False: there is no room, pause and bring the same bytes again. A single chunk larger than the whole buffer is
  /// accepted into an empty one, so that no transfer can be stuck.
  mutating func bytesArrived(_ chunk: [UInt8]) -> Bool {
    guard outcome == nil else { return true }
    if !bytes.isEmpty, bytes.count + chunk.count > capacity {
      isPaused = true
      return false
    }
    bytes += chunk
    return true
  }

  /// The first outcome counts. Returns whether this was it.
  mutating func finished(_ result: Result<Void, TransferError>) -> Bool {
    guard outcome == nil else { return false }
    outcome = result
    if case .failure(.cancelled) = result { bytes = [] }
    return true
  }

  mutating func takeHead() -> Result<HTTPResponseHead, TransferError>? {
    if let head { return .success(head) }
    switch outcome {
    case .failure(let error): return .failure(error)
    case .success: return .failure(.protocolViolation("the server closed the connection without an answer"))
    case nil: return nil
    }
  }

  mutating func take() -> Take {
    if !bytes.isEmpty {
      let taken = bytes
      bytes = []
      let resume = isPaused
      isPaused = false
      return .bytes(taken, resume: resume && outcome == nil)
    }
    switch outcome {
    case .success: return .end
    case .failure(let error): return .failed(error)
    case nil: return .wait
    }
  }
}
