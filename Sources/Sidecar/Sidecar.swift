import Dispatch
import ExecutorPod
package import Logging
import ServiceLifecycle
import SharedMemory

/// The pod's local tier: everything that `pheromone-sidecar` runs.
package struct Sidecar: Sendable {
  private let configuration: SidecarConfiguration
  private let logger: Logger

  package init(_ configuration: SidecarConfiguration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
  }

  package func run() async throws {
    // A payload passes through here, and the container's limit does not count its copies.
    OwnProcess.returnLargeMemory()
    let identity = PodIdentity(
      namespace: configuration.namespace, workflow: configuration.workflow, revision: configuration.revision,
      podName: configuration.podName, podUID: configuration.podUID, sharedMemory: configuration.sharedMemory,
      epoch: .random(in: 1...UInt64.max))
    let loop = try SidecarLoop(
      identity: identity, socketPath: configuration.socketPath, spinning: configuration.spinning, logger: logger)
    logger.info("executors register at \(configuration.socketPath); probes are answered at \(configuration.listen)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await Self.runThread(loop) }
      group.addTask {
        try await CoordinatorLink(address: configuration.coordinator, loop: loop, logger: logger).run()
      }
      group.addTask {
        try await ProbeServer(
          probes: PodProbes(configuration, loop: loop), address: configuration.listen, logger: logger
        ).run()
        loop.post(.stop)
      }
      try await group.waitForAll()
    }
  }

  /// The loop blocks, so it gets a thread of its own.
  private static func runThread(_ loop: SidecarLoop) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      DispatchQueue(label: "pheromone.loop").async {
        do {
          var runtime = PodRuntime(loop: loop)
          try runtime.run()
          continuation.resume()
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }
}
