import Foundation
import KubernetesAPI
import KubernetesClient
import Reconcilers
import Synchronization
import Testing

/// The controller dies after its first, second, third, … call to the API, and another one takes over, with a cache that
/// is as old as the crash or fresh. Whatever the moment, the end is the same, and nothing was done twice.
@Suite struct ControllerCrashTests {
  private static let mostCalls = 24

  /// - Returns: whether the process lived to the end, so that later crashes need not be tried.
  private func crash(
    _ cluster: FakeCluster, afterCalls calls: Int, composer: PodComposer = Fixtures.composer
  ) async throws -> Bool {
    let api = DyingAPI(cluster, calls: calls)
    let first = Fixtures.reconciler(cluster, api: api, composer: composer)
    for _ in 0..<30 where !api.hasDied {
      _ = try? await first.reconcile(Fixtures.key)
      cluster.runNodes()
      cluster.sync()
    }
    return !api.hasDied
  }

  @Test(arguments: [false, true]) func whileItScalesUp(withStaleCache: Bool) async throws {
    for calls in 1...Self.mostCalls {
      let cluster = Fixtures.cluster(replicas: 3)
      let api = DyingAPI(cluster, calls: calls)
      _ = try? await Fixtures.reconciler(cluster, api: api).reconcile(Fixtures.key)
      if !withStaleCache { cluster.sync() }
      let successor = Fixtures.reconciler(cluster)
      _ = try await successor.reconcile(Fixtures.key)
      cluster.sync()
      try await Fixtures.settle(cluster, successor)
      #expect(cluster.activePods.count == 3, "after \(calls) calls")
      #expect(cluster.state.withLock { $0.podsCreated } == 3, "after \(calls) calls")
      #expect(cluster.condition("Ready", of: "wordcount")?.status == "True", "after \(calls) calls")
    }
  }

  @Test func whileItRolls() async throws {
    for calls in 1...Self.mostCalls {
      let cluster = Fixtures.cluster(replicas: 2)
      try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
      cluster.change(.workflow, "wordcount") { $0["spec", "executors"] = 4 }
      cluster.sync()
      cluster.state.withLock {
        $0.podsCreated = 0
        $0.mostActivePods = 0
        $0.leastReadyPods = .max
      }
      let lived = try await crash(cluster, afterCalls: calls)
      try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
      #expect(cluster.activePods.count == 2, "after \(calls) calls")
      #expect(cluster.state.withLock { $0.podsCreated } == 2, "after \(calls) calls")
      #expect(cluster.state.withLock { $0.mostActivePods } <= 3, "after \(calls) calls")
      #expect(cluster.state.withLock { $0.leastReadyPods } >= 2, "after \(calls) calls")
      if lived { return }
    }
    Issue.record("the rollout makes more calls than the test tries")
  }

  @Test func whileItScalesDown() async throws {
    for calls in 1...Self.mostCalls {
      let cluster = Fixtures.cluster(replicas: 4)
      try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
      cluster.change(.workflow, "wordcount") { $0["spec", "replicas"] = 1 }
      cluster.sync()
      cluster.state.withLock { $0.leastReadyPods = .max }
      let lived = try await crash(cluster, afterCalls: calls)
      try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
      #expect(cluster.activePods.count == 1, "after \(calls) calls")
      #expect(cluster.state.withLock { $0.leastReadyPods } >= 1, "after \(calls) calls")
      if lived { return }
    }
    Issue.record("scaling down makes more calls than the test tries")
  }

  @Test func changesNothingThatRuns() async throws {
    let cluster = Fixtures.cluster(replicas: 3)
    try await Fixtures.settle(cluster, Fixtures.reconciler(cluster))
    let before = cluster.pods
    for _ in 0..<3 { try await Fixtures.settle(cluster, Fixtures.reconciler(cluster)) }
    #expect(cluster.pods == before)
  }
}
