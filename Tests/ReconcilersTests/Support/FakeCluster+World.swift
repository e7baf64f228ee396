import Foundation
import KubernetesAPI
import KubernetesClient
import Reconcilers
import Synchronization

/// What happens in the cluster without the controller.
extension FakeCluster {
  /// The cache catches up.
  func sync() {
    state.withLock { $0.cached = $0.objects }
  }

  func put(_ object: KubernetesObject) {
    state.withLock { state in
      var object = object
      if object.uid.isEmpty { object["metadata", "uid"] = .string("uid-\(state.version + 1)") }
      _ = state.store(object, "\(object.kind)/\(object.namespace ?? "")/\(object.name)")
    }
  }

  /// Nodes do their work: terminating pods end, new ones become ready.
  func runNodes() {
    state.withLock { state in
      for (id, object) in state.objects where object.kind == "Pod" {
        if object.isBeingDeleted {
          state.objects[id] = nil
        } else if object["status", "phase"] == "Pending" {
          var pod = object
          pod["spec", "nodeName"] = "node"
          pod["status"] = [
            "phase": "Running", "podIP": "127.0.0.9",
            "conditions": [["type": "Ready", "status": "True", "lastTransitionTime": "2026-11-23T08:00:01Z"]],
          ]
          _ = state.store(pod, id)
        }
      }
    }
  }

  func change(_ type: ResourceType, _ name: String, _ body: (inout KubernetesObject) -> Void) {
    state.withLock { state in
      let id = Self.id(type, "default", name)
      guard var object = state.objects[id] else { return }
      body(&object)
      if type == .workflow { object["metadata", "generation"] = .integer(Int64(object.generation + 1)) }
      _ = state.store(object, id)
    }
  }

  var pods: [KubernetesObject] {
    state.withLock { Array($0.objects.values) }.filter { $0.kind == "Pod" }.sorted { $0.name < $1.name }
  }

  var activePods: [KubernetesObject] { pods.filter { !$0.isBeingDeleted && $0["status", "phase"] != "Failed" } }

  func object(_ type: ResourceType, _ name: String) -> KubernetesObject? {
    state.withLock { $0.objects[Self.id(type, "default", name)] }
  }

  func condition(_ type: String, of name: String, _ resource: ResourceType = .workflow) -> Condition? {
    let conditions = object(resource, name)?["status", "conditions"]?.arrayValue ?? []
    return conditions.compactMap { try? $0.decode(Condition.self) }.first { $0.type == type }
  }
}

/// The controller's view of a cluster, in which the process dies after so many calls: the last call takes effect, and
/// everything after it fails.
final class DyingAPI: ClusterAPI {
  struct ProcessDied: Error {}

  private let cluster: FakeCluster
  private let rest: Mutex<Int>

  init(_ cluster: FakeCluster, calls: Int) {
    self.cluster = cluster
    rest = Mutex(calls)
  }

  var hasDied: Bool { rest.withLock { $0 <= 0 } }

  private func dying<Value: Sendable>(_ call: () async throws -> Value) async throws -> Value {
    guard rest.withLock({ $0 > 0 }) else { throw ProcessDied() }
    let result: Result<Value, any Error>
    do { result = .success(try await call()) } catch { result = .failure(error) }
    let isAlive = rest.withLock { rest in
      rest -= 1
      return rest > 0
    }
    guard isAlive else { throw ProcessDied() }
    return try result.get()
  }

  func get(_ type: ResourceType, namespace: String?, name: String) async throws -> KubernetesObject {
    try await dying { try await cluster.get(type, namespace: namespace, name: name) }
  }
  func create(_ object: KubernetesObject, _ type: ResourceType, dryRun: Bool) async throws -> KubernetesObject {
    try await dying { try await cluster.create(object, type, dryRun: dryRun) }
  }
  func apply(_ object: KubernetesObject, _ type: ResourceType, subresource: String?) async throws {
    try await dying { try await cluster.apply(object, type, subresource: subresource) }
  }
  func patch(
    _ type: ResourceType, namespace: String?, name: String, merge: JSONValue
  ) async throws -> KubernetesObject {
    try await dying { try await cluster.patch(type, namespace: namespace, name: name, merge: merge) }
  }
  func delete(_ type: ResourceType, namespace: String?, name: String, uid: String) async throws {
    try await dying { try await cluster.delete(type, namespace: namespace, name: name, uid: uid) }
  }
}
