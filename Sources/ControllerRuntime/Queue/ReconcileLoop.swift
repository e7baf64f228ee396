package import KubernetesAPI
package import Logging
import ServiceLifecycle

/// Workers that take keys from a queue and reconcile them, each key by one worker at a time.
package struct ReconcileLoop: Service {
  private let name: String
  private let queue: WorkQueue<ObjectKey>
  private let workers: Int
  private let logger: Logger
  private let reconcile: @Sendable (ObjectKey) async -> ReconcileResult

  package init(
    name: String, queue: WorkQueue<ObjectKey>, workers: Int = 4, logger: Logger,
    reconcile: @escaping @Sendable (ObjectKey) async -> ReconcileResult
  ) {
    self.name = name
    self.queue = queue
    self.workers = max(1, workers)
    var logger = logger
    logger[metadataKey: "loop"] = .string(name)
    self.logger = logger
    self.reconcile = reconcile
  }

  /// Returns when the queue is shut down, on graceful shutdown, or when cancelled; what is being reconciled then is
  /// finished first, unless it heeds the cancellation.
  package func run() async throws {
    await withGracefulShutdownHandler {
      await withDiscardingTaskGroup { group in
        for _ in 0..<workers { group.addTask { await work() } }
      }
    } onGracefulShutdown: {
      queue.shutDown()
    }
  }

  private func work() async {
    while let key = await queue.next() {
      settle(key, await reconcile(key))
      queue.done(key)
    }
  }

  private func settle(_ key: ObjectKey, _ result: ReconcileResult) {
    let metadata: Logger.Metadata = ["key": .string(key.description)]
    switch result {
    case .done:
      queue.forget(key)
    case .requeue(let delay):
      queue.forget(key)
      queue.add(key, after: delay)
    case .failed(is CancellationError):
      logger.debug("reconciliation cancelled", metadata: metadata)
    case .failed(let error as TerminalError):
      queue.forget(key)
      logger.error("given up until something changes: \(error)", metadata: metadata)
    case .failed(let error):
      let delay = queue.addRateLimited(key)
      logger.warning("reconciliation failed, next in \(delay): \(error)", metadata: metadata)
    }
  }
}
