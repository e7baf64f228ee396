import ControllerRuntime
import Foundation
import KubernetesAPI
import KubernetesClient
import LocalAPIServer
import Logging
import Reconcilers

/// An API server with nodes that answer for every pod at once, in this process, for the time of a measurement.
struct BenchCluster: Sendable {
  let client: KubernetesClient
  let kubeconfig: String
  private let auditLog: String
  private let workflows: ResourceStore
  private let pods: ResourceStore
  /// How many requests this process makes at a time.
  private static let lanes = 8

  static func with<Value: Sendable>(_ body: (BenchCluster) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pheromone-bench-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let logger = quietLogger()
    var configuration = LocalAPIServer.Configuration(port: 0, logger: logger)
    let auditLog = folder.appending(path: "audit").path
    configuration.audit = .init(path: auditLog)
    configuration.audit?.fileLimit = 1 << 30
    let server = LocalAPIServer(configuration: configuration)
    try server.install(customResourceDefinitions: try Definitions.all())
    return try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      defer { group.cancelAll() }
      let address = "http://127.0.0.1:\(try await server.boundPort())"
      let client = KubernetesClient(
        ClientConfiguration(server: address), userAgent: "control-plane-benchmark", logger: logger)
      let kubeconfig = folder.appending(path: "kubeconfig").path
      try Definitions.kubeconfig(address).write(toFile: kubeconfig, atomically: true, encoding: .utf8)
      let (workflows, pods) = (ResourceStore(), ResourceStore())
      let cluster = BenchCluster(
        client: client, kubeconfig: kubeconfig, auditLog: auditLog, workflows: workflows, pods: pods)
      let nodes = SimulatedNodes(client: client, pods: pods)
      group.addTask {
        try await Reflector(client: client, type: .workflow, store: workflows, logger: logger).run()
      }
      group.addTask { try await Reflector(client: client, type: .pod, store: pods, logger: logger).run() }
      group.addTask { try await nodes.run(lanes: lanes) }
      return try await body(cluster)
    }
  }

  private static func quietLogger() -> Logger {
    var logger = Logger(label: "control-plane-benchmark")
    // The server calls its end an error.
    logger.logLevel = .critical
    return logger
  }

  private init(
    client: KubernetesClient, kubeconfig: String, auditLog: String, workflows: ResourceStore, pods: ResourceStore
  ) {
    self.client = client
    self.kubeconfig = kubeconfig
    self.auditLog = auditLog
    self.workflows = workflows
    self.pods = pods
  }

  func createNamespaces(_ scene: Scene) async throws {
    for name in scene.namespaces {
      _ = try await client.create(KubernetesObject(.namespace, name: name), .namespace)
    }
  }

  /// Calls the body for each number, a few at a time.
  func inLanes(_ numbers: Range<Int>, _ body: @escaping @Sendable (Int) async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for lane in 0..<Self.lanes {
        group.addTask {
          for number in stride(from: numbers.lowerBound + lane, to: numbers.upperBound, by: Self.lanes) {
            try await body(number)
          }
        }
      }
      try await group.waitForAll()
    }
  }

  /// Returns as soon as so many workflows are ready in their present generation.
  func waitUntilReady(_ count: Int) async throws { try await wait(for: count, of: workflows, Self.isReady) }

  /// Returns as soon as so many pods run.
  func waitUntilRunning(_ count: Int) async throws {
    try await wait(for: count, of: pods) { $0["status", "phase"] == "Running" }
  }

  private func wait(
    for count: Int, of store: ResourceStore, _ isThere: (KubernetesObject) -> Bool
  ) async throws {
    if count == 0 { return }
    var there: Set<ObjectKey> = []
    for await change in store.changes() {
      if let object = change.new, isThere(object) { there.insert(change.key) } else { there.remove(change.key) }
      if there.count >= count { return }
    }
    throw CancellationError()
  }

  private static func isReady(_ workflow: KubernetesObject) -> Bool {
    let conditions = workflow["status", "conditions"]?.arrayValue ?? []
    return workflow["status", "observedGeneration"]?.intValue == workflow.generation
      && conditions.contains { $0["type"] == "Ready" && $0["status"] == "True" }
  }

  /// Returns when the controller has asked for nothing for a while.
  func waitUntilQuiet() async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    var last = -1
    while ContinuousClock.now < deadline {
      let now = try requests().byController
      if now == last { return }
      last = now
      // sleep: that nothing comes can only be seen by waiting.
      try await Task.sleep(for: .seconds(3))
    }
    throw BenchFailure("the controller did not come to rest within two minutes")
  }

  /// What was asked of the API server until now.
  func requests() throws -> RequestCounts {
    RequestCounts(auditLog: try String(contentsOfFile: auditLog, encoding: .utf8))
  }
}

/// Why a measurement could not be made.
struct BenchFailure: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
