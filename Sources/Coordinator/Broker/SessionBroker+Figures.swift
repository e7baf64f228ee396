import Dataflow
package import KubernetesAPI
import Synchronization
import Wire

/// What one workflow does, for status, metrics and the controller.
package struct WorkflowFigures: Sendable, Hashable {
  package var key: ObjectKey
  package var sessions: SessionCounters
  package var buckets: [String: BucketFigures]
  package var pods: [String: Pod]

  package struct Pod: Sendable, Hashable {
    package var sessions: Int
    package var busy: Int
    package var executors: Int
    package var memoryUsed: UInt64
    package var memoryLimit: UInt64
    /// Its object memory has room for new sessions, as far as is known.
    package var hasRoom: Bool { memoryLimit == 0 || PodLoad.hasRoom(used: memoryUsed, of: memoryLimit) }
    /// All sessions run on it, since triggers gather their objects across sessions.
    package var isOwner: Bool
  }
}

extension SessionBroker {
  /// Of all workflows that exist, sorted by key.
  package func figures() -> [WorkflowFigures] {
    state.withLock { state in
      state.boards.compactMap { key, board in board.exists ? Self.figures(key, board) : nil }
    }.sorted { $0.key < $1.key }
  }

  package func figures(of key: ObjectKey) -> WorkflowFigures? {
    state.withLock { state in state.boards[key].flatMap { $0.exists ? Self.figures(key, $0) : nil } }
  }

  private static func figures(_ key: ObjectKey, _ board: WorkflowBoard) -> WorkflowFigures {
    let pods = board.machine.pods.mapValues { pod in
      WorkflowFigures.Pod(
        sessions: max(pod.active.count, Int(pod.load?.activeSessions ?? 0)), busy: Int(pod.load?.busyExecutors ?? 0),
        executors: Int(pod.load?.executors ?? 0), memoryUsed: pod.load?.memoryUsed ?? 0,
        memoryLimit: pod.load?.memoryLimit ?? 0, isOwner: pod.name == board.machine.owner)
    }
    var buckets = board.tally.buckets()
    // Every bucket of the plan has figures, so that its columns are filled from the start.
    for bucket in board.plan?.buckets ?? [] {
      var figure = buckets[bucket.name] ?? BucketFigures()
      for trigger in bucket.triggers { figure.triggers[trigger.name, default: BucketFigures.Trigger()].fired += 0 }
      buckets[bucket.name] = figure
    }
    if let plan = board.plan { buckets = buckets.filter { name, _ in plan.buckets.contains { $0.name == name } } }
    return WorkflowFigures(key: key, sessions: board.machine.count, buckets: buckets, pods: pods)
  }
}
