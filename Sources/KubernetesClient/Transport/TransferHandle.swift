/// A reader's hold on a running transfer: ends it when dropped.
final class TransferHandle: Sendable {
  private let transfer: Transfer
  private let loop: TransferLoop

  init(_ transfer: Transfer, on loop: TransferLoop) {
    self.transfer = transfer
    self.loop = loop
  }

  deinit { cancel() }

  func head() async throws -> HTTPResponseHead {
    try await withTaskCancellationHandler {
      while true {
        if let result = transfer.takeHead() { return try result.get() }
        await transfer.waitForNews { $0.head != nil }
      }
    } onCancel: {
      cancel()
    }
  }

  func nextChunk() async throws -> [UInt8]? {
    try await withTaskCancellationHandler {
      while true {
        switch transfer.take() {
        case .bytes(let bytes, let resume):
          if resume { loop.post(.resume(transfer)) }
          return bytes
        case .end: return nil
        case .failed(let error): throw error
        case .wait: await transfer.waitForNews { $0.hasBytes }
        }
      }
    } onCancel: {
      cancel()
    }
  }

  private func cancel() {
    if transfer.finish(.failure(.cancelled)) { loop.post(.cancel(transfer)) }
  }
}
