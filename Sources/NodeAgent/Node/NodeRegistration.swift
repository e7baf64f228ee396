import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging

/// Makes the node known and keeps it so: a Node with its capacity and conditions, and a Lease as its heartbeat.
struct NodeRegistration: Sendable {
  static let leaseNamespace = "kube-node-lease"
  static let heartbeat = Duration.seconds(10)

  let client: KubernetesClient
  let node: NodeIdentity
  /// Where container logs are served.
  let port: Int
  let logger: Logger

  /// Registers, then renews until cancelled. Failures are tried again; they are logged, not thrown.
  func run(registered: @Sendable () -> Void) async throws {
    var wait = Duration.milliseconds(200)
    while true {
      do {
        try await register()
        break
      } catch let error as KubernetesError {
        logger.warning("cannot register the node yet", metadata: ["error": "\(error)"])
        try await Task.sleep(for: wait)
        wait = min(wait * 2, Self.heartbeat)
      }
    }
    registered()
    while true {
      do { try await renew() } catch let error as KubernetesError {
        logger.warning("cannot renew the node's lease", metadata: ["error": "\(error)"])
      }
      try await Task.sleep(for: Self.heartbeat)
    }
  }

  private func register() async throws {
    var object = KubernetesObject(.node, name: node.name)
    object["metadata", "labels"] = .object(node.labels.mapValues { .string($0) })
    do {
      _ = try await client.create(object, .node)
    } catch let error as KubernetesError where error.isAlreadyExists {
      _ = try await client.patch(
        .node, name: node.name,
        merge: ["metadata": ["labels": .object(node.labels.mapValues { .string($0) })]])
    }
    _ = try await client.patch(
      .node, name: node.name, subresource: "status", strategic: ["status": status(isReady: true)])
  }

  /// Says that the node goes down; best effort.
  func markNotReady() async {
    _ = try? await client.patch(
      .node, name: node.name, subresource: "status", strategic: ["status": status(isReady: false)])
  }

  private func status(isReady: Bool) -> JSONValue {
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
          "reason": isReady ? "KubeletReady" : "NodeShutdown",
          "message": isReady ? "the node agent runs pods as local processes" : "the node agent is stopping",
        ]
      ],
    ]
  }

  private func renew() async throws {
    var lease = KubernetesObject(.lease, namespace: Self.leaseNamespace, name: node.name)
    lease["spec"] = [
      "holderIdentity": .string(node.name), "leaseDurationSeconds": 40,
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
