import ControllerRuntime
import KubernetesAPI
import KubernetesClient

/// Answers for every pod as a node would whose containers start and stop at once.
struct SimulatedNodes: Sendable {
  let client: KubernetesClient
  let pods: ResourceStore

  /// Until it is cancelled, with so many requests at a time.
  func run(lanes: Int) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      var running = 0
      for await change in pods.changes() {
        guard let pod = change.new, pod.isBeingDeleted || pod["status", "phase"] == "Pending" else { continue }
        if running >= lanes {
          try await group.next()
          running -= 1
        }
        running += 1
        group.addTask { try await answer(for: pod) }
      }
    }
  }

  private func answer(for pod: KubernetesObject) async throws {
    do {
      if pod.isBeingDeleted {
        let options = DeleteOptions(gracePeriodSeconds: 0, uid: pod.uid)
        try await client.delete(.pod, namespace: pod.namespace, name: pod.name, options: options)
      } else {
        _ = try await client.patch(
          .pod, namespace: pod.namespace, name: pod.name, subresource: "status", strategic: Self.running)
      }
    } catch let error as KubernetesError where error.isNotFound || error.isConflict {
      // It is gone, or another of its name has come.
    }
  }

  static let running: JSONValue = [
    "status": [
      "phase": "Running", "podIP": "127.0.0.9", "podIPs": [["ip": "127.0.0.9"]],
      "conditions": [
        ["type": "Initialized", "status": "True"], ["type": "ContainersReady", "status": "True"],
        ["type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"],
      ],
    ]
  ]
}
