package import Dataflow
import FoundationEssentials
package import KubernetesAPI
import Synchronization
import Wire

extension SessionBroker {
  /// A workflow or one of its buckets changed. Without a plan the last one that was sound stays. When the workflow is seen
  /// for the first time, its counters go on from what an earlier coordinator has `counted`; afterwards only this one counts.
  package func workflowChanged(
    _ key: ObjectKey, entry: String?, plan: WorkflowPlan?, findings: [Finding], isSuspended: Bool,
    currentRevision: String?, counted: SessionCounters = SessionCounters()
  ) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let document = plan.flatMap { try? encoder.encode($0) }.map { [UInt8]($0) }
    _ = change(key, creating: true) { board, _, now in
      if !board.exists { board.machine.goOn(from: counted) }
      board.exists = true
      board.findings = findings
      board.entry = plan?.entry ?? entry
      var actions = board.machine.settingsChanged(
        isSuspended: isSuspended, currentRevision: currentRevision, now: now)
      if let plan, let document, plan.revision != board.plan?.revision {
        board.plan = plan
        board.planDocument = document
        for pod in board.links.keys.sorted() {
          actions.append(.send(pod: pod, .plan(revision: plan.revision, document: document)))
        }
        actions += board.machine.planChanged(PlacementRules(plan), now: now)
      }
      return ((), actions)
    }
  }

  /// The resource is gone: whatever waits is told, and its pods are let go.
  package func workflowDeleted(_ key: ObjectKey) {
    let links = change(key) { board, _, _ in
      board.exists = false
      return (Array(board.links.values), board.machine.closed(.workflowDeleted))
    }
    state.withLock { $0.boards[key] = nil }
    for link in links ?? [] { link.close() }
  }

  package func podObserved(_ pod: ObservedPod, of workflow: ObjectKey) {
    _ = change(workflow, creating: true) { board, _, now in ((), board.machine.podObserved(pod, now: now)) }
  }

  package func podVanished(_ name: String, of workflow: ObjectKey) {
    let isEmpty = change(workflow) { board, _, now in
      let actions = board.machine.podVanished(name, now: now)
      return (!board.exists && board.links.isEmpty && board.machine.observed.isEmpty, actions)
    }
    if isEmpty == true { state.withLock { $0.boards[workflow] = nil } }
  }

  /// All three caches hold what there is.
  package func synced() {
    for key in state.withLock({ state in
      state.isSynced = true
      return Array(state.boards.keys)
    }) {
      _ = change(key) { board, _, now in ((), board.machine.observationCompleted(now: now)) }
    }
  }
}
