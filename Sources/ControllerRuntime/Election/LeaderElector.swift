import KubernetesAPI
package import KubernetesClient
package import Logging
import ServiceLifecycle

/// Runs a body while this process holds a Lease, and cancels it at once when the lease is lost; then it competes again.
///
/// On graceful shutdown the body is cancelled and, after it has ended, the lease is released.
package struct LeaderElector: Service {
  private let keeper: LeaseKeeper
  private let identity: String
  private let retryPeriod: Duration
  private let logger: Logger
  private let body: @Sendable () async throws -> Void

  /// `leaseDuration` must be longer than `renewDeadline`, and that longer than `retryPeriod`.
  package init(
    client: KubernetesClient, namespace: String, name: String, identity: String,
    leaseDuration: Duration = .seconds(15), renewDeadline: Duration = .seconds(10),
    retryPeriod: Duration = .seconds(2), logger: Logger, whileLeading body: @escaping @Sendable () async throws -> Void
  ) {
    let machine = LeaderElectionStateMachine(
      identity: identity,
      timing: .init(leaseDuration: leaseDuration, renewDeadline: renewDeadline, retryPeriod: retryPeriod))
    keeper = LeaseKeeper(
      client: client, key: ObjectKey(namespace: namespace, name: name), machine: machine, logger: logger)
    self.identity = identity
    self.retryPeriod = retryPeriod
    self.logger = logger
    self.body = body
  }

  private enum Term {
    case lost
    case bodyEnded
  }

  /// Returns on graceful shutdown, or when the body ends by itself; throws what the body throws.
  package func run() async throws {
    try await cancelWhenGracefulShutdown {
      do {
        try await compete()
      } catch is CancellationError where Task.isShuttingDownGracefully {}
    }
  }

  private func compete() async throws {
    while true {
      try await acquire()
      logger.info("leading", metadata: ["identity": .string(identity)])
      let term: Result<Term, any Error>
      do {
        term = .success(try await lead())
      } catch {
        term = .failure(error)
      }
      // In a task of its own: a cancelled one could not send the request, and nobody would lead until the lease ends.
      await Task { await keeper.release() }.value
      if try term.get() == .bodyEnded { return }
      logger.warning("no longer leading", metadata: ["identity": .string(identity)])
    }
  }

  private func acquire() async throws {
    while true {
      try await keeper.attempt()
      if keeper.isLeading { return }
      try await Task.sleep(for: retryPeriod * Double.random(in: 1..<1.2))
    }
  }

  private func lead() async throws -> Term {
    try await withThrowingTaskGroup(of: Term.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        try await body()
        return .bodyEnded
      }
      group.addTask {
        try await renew()
        return .lost
      }
      group.addTask {
        try await waitForLoss()
        return .lost
      }
      return try await group.next() ?? .lost
    }
  }

  /// Renews until the lease is another's.
  private func renew() async throws {
    while keeper.isLeading {
      try await Task.sleep(for: retryPeriod)
      try await keeper.attempt()
    }
  }

  /// Returns when the deadline has passed: even while a renewal hangs in the network.
  private func waitForLoss() async throws {
    while let deadline = keeper.deadline {
      try await Task.sleep(until: deadline, clock: .continuous)
      if keeper.hasLost(now: .now) { return }
    }
  }
}
