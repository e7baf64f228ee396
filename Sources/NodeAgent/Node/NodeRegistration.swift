import ControllerRuntime
import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization

/// Makes the node known and keeps it so: a Node with its capacity and conditions, and a Lease as its heartbeat.
final class NodeRegistration: Sendable {
  static let leaseNamespace = "kube-node-lease"

  private struct State {
    /// Where container logs are served; nil until that is known, and the node registered.
    var port: Int?
    var isShuttingDown = false
  }

  private let client: KubernetesClient
  private let configuration: NodeAgent.Configuration
  private let logger: Logger
  private let state = Mutex(State())

  init(client: KubernetesClient, configuration: NodeAgent.Configuration, logger: Logger) {
    self.client = client
    self.configuration = configuration
    self.logger = logger
  }

  private var node: NodeIdentity { configuration.node }
  private var heartbeat: Duration { configuration.leaseDuration / 4 }

  /// Registers, then renews until cancelled, also while the agent shuts down. Failures are tried again; they are logged,
  /// not thrown.
  func run(port: Int, registered: @Sendable () -> Void) async throws {
    var wait = Duration.milliseconds(200)
    while true {
      do {
        try await register(port: port)
        break
      } catch let error as KubernetesError {
        logger.warning("cannot register the node yet", metadata: ["error": "\(error)"])
        try await Task.sleep(for: wait)
        wait = min(wait * 2, heartbeat)
      }
    }
    state.withLock { $0.port = port }
    registered()
    while true {
      do { try await renew() } catch let error as KubernetesError {
        logger.warning("cannot renew the node's lease", metadata: ["error": "\(error)"])
      }
      try await Task.sleep(for: heartbeat)
    }
  }

  private func register(port: Int) async throws {
    var object = KubernetesObject(.node, name: node.name)
    object["metadata", "labels"] = .object(node.labels.mapValues { .string($0) })
    let taints = configuration.taints + [["key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"]]
    object["spec", "taints"] = .array(taints)
    do {
      _ = try await client.create(object, .node)
    } catch let error as KubernetesError where error.isAlreadyExists {
      _ = try await client.patch(
        .node, name: node.name,
        merge: ["metadata": ["labels": .object(node.labels.mapValues { .string($0) })]])
    }
    // The heartbeat first: a node that comes back is not to count as lost.
    try await renew()
    _ = try await client.patch(
      .node, name: node.name, subresource: "status", strategic: ["status": status(isReady: true, port: port)])
  }

  /// Says that the node goes down; best effort.
  func shutDown() async {
    state.withLock { $0.isShuttingDown = true }
    await writeStatus()
  }

  /// Until the changes end: what others have written over the node's own word while it was not heard is set right.
  func watchStatus(_ changes: some AsyncSequence<StoreChange, Never> & Sendable) async {
    for await change in changes {
      guard let node = change.new else { continue }
      let ready = (node["status", "conditions"]?.arrayValue ?? []).first { $0["type"] == "Ready" }
      let isRight = state.withLock { $0.port == nil || $0.isShuttingDown } || ready?["status"] == "True"
      if !isRight { await writeStatus() }
    }
  }

  private func writeStatus() async {
    let (port, isReady) = state.withLock { ($0.port, !$0.isShuttingDown) }
    guard let port else { return }
    do {
      _ = try await client.patch(
        .node, name: node.name, subresource: "status", strategic: ["status": status(isReady: isReady, port: port)])
    } catch {
      logger.warning("cannot write the node's status", metadata: ["error": "\(error)"])
    }
  }

  private func status(isReady: Bool, port: Int) -> JSONValue {
    let now = JSONValue.string(Moment(monotonic: .zero, wall: Date()).timestamp)
    let amounts: JSONValue = [
      "cpu": .string(String(node.capacity.processors)), "memory": .string("\(node.capacity.memoryBytes / 1024)Ki"),
      "pods": .string(String(node.capacity.pods)),
    ]
    return [
      "capacity": amounts, "allocatable": amounts,
      "addresses": [
        ["type": "InternalIP", "address": .string(node.address)], ["type": "Hostname", "address": .string(node.name)],
      ],
      "daemonEndpoints": ["kubeletEndpoint": ["Port": .integer(Int64(port))]],
      "nodeInfo": [
        "kubeletVersion": "pheromone-0.1.0", "operatingSystem": "linux", "architecture": .string(Self.architecture),
        "containerRuntimeVersion": "process://0.1.0", "osImage": "local processes", "kernelVersion": "",
        "machineID": "", "systemUUID": "", "bootID": "", "kubeProxyVersion": "",
      ],
      "conditions": [
        [
          "type": "Ready", "status": isReady ? "True" : "False", "lastHeartbeatTime": now, "lastTransitionTime": now,
          "reason": isReady ? "KubeletReady" : "KubeletNotReady",
          "message": isReady ? "the node agent runs pods as local processes" : "node is shutting down",
        ]
      ],
    ]
  }

  private func renew() async throws {
    var lease = KubernetesObject(.lease, namespace: Self.leaseNamespace, name: node.name)
    lease["spec"] = [
      "holderIdentity": .string(node.name),
      "leaseDurationSeconds": .integer(configuration.leaseDuration.components.seconds),
      "renewTime": .string(Timestamp.microseconds(Date())),
    ]
    do {
      _ = try await client.patch(
        .lease, namespace: Self.leaseNamespace, name: node.name, merge: ["spec": lease["spec"] ?? .emptyObject])
    } catch let error as KubernetesError where error.isNotFound {
      do {
        _ = try await client.create(lease, .lease)
      } catch let error as KubernetesError where error.isNotFound {
        _ = try await client.create(KubernetesObject(.namespace, name: Self.leaseNamespace), .namespace)
        _ = try await client.create(lease, .lease)
      }
    }
  }

  private static var architecture: String {
    #if arch(arm64)
      "arm64"
    #else
      "amd64"
    #endif
  }
}
