import Foundation
import KubernetesAPI
import KubernetesClient
import Reconcilers
import Synchronization

/// A stand-in for an API server and its nodes, in memory: enough of create, apply, patch and delete to see what the
/// reconcilers do, and nothing else. It validates nothing, keeps no field managers, and its cache shows what was there
/// when `sync` was last called, as a watch that lags would.
final class FakeCluster: ClusterAPI, ClusterCache, PodInsight, EventSink {
  struct State: Sendable {
    var objects: [String: KubernetesObject] = [:]
    var cached: [String: KubernetesObject] = [:]
    var version = 0
    var calls: [String] = []
    var events: [ControllerEvent] = []
    var load: [String: PodLoadReport]?
    var unreadiness: String?
    var dryRunError: APIStatus?
    var createError: APIStatus?
    var podsCreated = 0
    var mostActivePods = 0
    var leastReadyPods = Int.max
  }

  let state = Mutex(State())

  // MARK: - ClusterAPI

  func get(_ type: ResourceType, namespace: String?, name: String) async throws -> KubernetesObject {
    try state.withLock { state in
      state.calls.append("get \(type.plural) \(name)")
      return try state.find(Self.id(type, namespace, name))
    }
  }

  func create(_ object: KubernetesObject, _ type: ResourceType, dryRun: Bool) async throws -> KubernetesObject {
    try state.withLock { state in
      state.calls.append("\(dryRun ? "dry-run" : "create") \(type.plural) \(object.name)")
      if dryRun {
        if let error = state.dryRunError { throw KubernetesError(error) }
        return object
      }
      if let error = state.createError { throw KubernetesError(error) }
      let id = Self.id(type, object.namespace, object.name)
      guard state.objects[id] == nil else {
        throw KubernetesError(
          APIStatus(message: "\(type.plural) \"\(object.name)\" already exists", reason: "AlreadyExists", code: 409))
      }
      var made = object
      made["metadata", "uid"] = .string("uid-\(state.version + 1)")
      made["metadata", "creationTimestamp"] = "2026-11-23T08:00:00Z"
      if type == .pod {
        made["status", "phase"] = "Pending"
        state.podsCreated += 1
      }
      return state.store(made, id)
    }
  }

  func apply(_ object: KubernetesObject, _ type: ResourceType, subresource: String?) async throws {
    try state.withLock { state in
      state.calls.append("apply \(type.plural) \(object.name)\(subresource.map { "/\($0)" } ?? "")")
      let id = Self.id(type, object.namespace, object.name)
      guard let subresource else {
        _ = state.store(object, id)
        return
      }
      var current = try state.find(id)
      for (name, value) in object[subresource]?.objectValue ?? [:] { current[subresource, name] = value }
      _ = state.store(current, id)
    }
  }

  func patch(
    _ type: ResourceType, namespace: String?, name: String, merge: JSONValue
  ) async throws -> KubernetesObject {
    try state.withLock { state in
      state.calls.append("patch \(type.plural) \(name)")
      let id = Self.id(type, namespace, name)
      var current = try state.find(id)
      if let version = merge[path: "metadata", "resourceVersion"], version.stringValue != current.resourceVersion {
        throw KubernetesError(APIStatus(message: "the object has been modified", reason: "Conflict", code: 409))
      }
      for (field, value) in merge["metadata"]?.objectValue ?? [:] { current["metadata", field] = value }
      return state.store(current, id)
    }
  }

  func delete(_ type: ResourceType, namespace: String?, name: String, uid: String) async throws {
    try state.withLock { state in
      state.calls.append("delete \(type.plural) \(name)")
      let id = Self.id(type, namespace, name)
      var current = try state.find(id)
      guard current.uid == uid else {
        throw KubernetesError(APIStatus(message: "uid differs", reason: "Conflict", code: 409))
      }
      if current.isBeingDeleted { return }
      current["metadata", "deletionTimestamp"] = "2026-11-23T08:00:00Z"
      _ = state.store(current, id)
    }
  }

  // MARK: - ClusterCache

  func workflow(_ key: ObjectKey) -> KubernetesObject? { cached(Self.id(.workflow, key.namespace, key.name)) }
  func bucket(_ key: ObjectKey) -> KubernetesObject? { cached(Self.id(.bucket, key.namespace, key.name)) }

  func buckets(of workflow: ObjectKey) -> [KubernetesObject] {
    all {
      $0.kind == "Bucket" && $0.namespace == workflow.namespace && $0["spec", "workflow"]?.stringValue == workflow.name
    }
  }

  func pods(of workflow: ObjectKey) -> [KubernetesObject] {
    all { $0.kind == "Pod" && ExecutorPodLabels.workflowKey(of: $0) == workflow }
  }

  func budget(of workflow: ObjectKey) -> KubernetesObject? {
    cached(Self.id(DisruptionBudget.type, workflow.namespace, "pheromone-\(workflow.name)"))
  }

  private func cached(_ id: String) -> KubernetesObject? { state.withLock { $0.cached[id] } }

  private func all(_ matches: (KubernetesObject) -> Bool) -> [KubernetesObject] {
    state.withLock { Array($0.cached.values) }.filter(matches).sorted { $0.name < $1.name }
  }

  // MARK: - PodInsight and EventSink

  func load(namespace: String, workflow: String) async -> [String: PodLoadReport]? { state.withLock { $0.load } }
  func unreadiness(address: String) async -> String? { state.withLock { $0.unreadiness } }

  func record(_ event: ControllerEvent, regarding object: KubernetesObject) async {
    state.withLock { $0.events.append(event) }
  }

  static func id(_ type: ResourceType, _ namespace: String?, _ name: String) -> String {
    "\(type.kind)/\(namespace ?? "")/\(name)"
  }
}

extension FakeCluster.State {
  func find(_ id: String) throws -> KubernetesObject {
    guard let object = objects[id] else {
      throw KubernetesError(APIStatus(message: "\(id) not found", reason: "NotFound", code: 404))
    }
    return object
  }

  mutating func store(_ object: KubernetesObject, _ id: String) -> KubernetesObject {
    version += 1
    var object = object
    object["metadata", "resourceVersion"] = .string(String(version))
    objects[id] = object
    let pods = objects.values.filter { $0.kind == "Pod" && !$0.isBeingDeleted }
    mostActivePods = max(mostActivePods, pods.count { $0["status", "phase"] != "Failed" })
    leastReadyPods = min(leastReadyPods, pods.count { $0["status", "conditions"] != nil })
    return object
  }
}
