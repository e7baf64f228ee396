package import Dataflow
import Wire

/// Decides on which pod each session of one workflow runs, what becomes of it when pods come and go, and which
/// session a retry belongs to. Values in, actions out; `now` is an input.
package struct PlacementStateMachine: Sendable {
  package let limits: PlacementLimits
  /// Until when the pods that the watch shows are awaited before a request with an idempotency key is placed:
  /// one of them may hold its session.
  package let gatherUntil: Duration

  package internal(set) var rules: PlacementRules?
  package internal(set) var isSuspended = false
  /// The revision that pods are rolled to, if it is known.
  package internal(set) var currentRevision: String?
  package internal(set) var pods: [String: RegisteredPod] = [:]
  package internal(set) var observed: [String: ObservedPod] = [:]
  package internal(set) var sessions: [String: PlacedSession] = [:]
  package internal(set) var counters = SessionCounters()
  /// The pod that all sessions run on, where the plan has triggers that gather objects across sessions.
  package internal(set) var owner: String?
  /// In the order of arrival; restarted sessions first.
  var waiting: [String] = []
  var keys: [String: String] = [:]
  var payloadBytes = 0
  var resultBytes = 0
  /// Ended sessions whose result is here, oldest first.
  var resultOrder: [String] = []
  /// Ended sessions whose result only their pod has, oldest first; some of them may be gone by now.
  var keptOrder: [String] = []
  var tombstones: [String] = []
  var tombstoneSet: Set<String> = []
  var isObservationComplete = false

  package init(gatherUntil: Duration, limits: PlacementLimits = PlacementLimits()) {
    self.gatherUntil = gatherUntil
    self.limits = limits
  }

  /// All counts, the present ones included.
  package var count: SessionCounters {
    var count = counters
    count.waiting = waiting.count
    for session in sessions.values {
      switch session.phase {
      case .placing, .running: count.active += 1
      case .ended, .kept: count.kept += 1
      case .waiting: break
      }
    }
    return count
  }

  /// What an earlier coordinator has counted, so that the counts only grow.
  package mutating func goOn(from counted: SessionCounters) { counters.goOn(from: counted) }

  package func wasForgotten(_ session: String) -> Bool { tombstoneSet.contains(session) }

  package func session(key: String) -> String? { keys[key] }

  // MARK: - The workflow

  package mutating func planChanged(_ rules: PlacementRules, now: Moment) -> [PlacementAction] {
    self.rules = rules
    return place(now)
  }

  package mutating func settingsChanged(
    isSuspended: Bool, currentRevision: String?, now: Moment
  ) -> [PlacementAction] {
    self.isSuspended = isSuspended
    self.currentRevision = currentRevision
    return place(now)
  }

  /// Everything that still runs or waits fails; the machine is of no use afterwards.
  package mutating func closed(_ failure: PlacementFailure) -> [PlacementAction] {
    let open = sessions.filter { $0.value.result == nil }.sorted { $0.key < $1.key }
    waiting = []
    sessions = [:]
    keys = [:]
    return open.map { id, session in
      .failed(session: id, failure == .stopping && !session.isAccepted ? .stoppingUnplaced : failure)
    }
  }

  // MARK: - Time

  /// Looks at deadlines, pauses and retention. Called a few times a second.
  package mutating func timePassed(_ now: Moment) -> [PlacementAction] {
    var actions = place(now)
    for (id, session) in sessions where session.deadline <= now.monotonic {
      switch session.phase {
      case .waiting: actions += expire(id, session, now)
      case .placing(let pod):
        actions.append(.send(pod: pod, .cancel(session: id)))
        actions += expire(id, session, now)
      case .running, .ended, .kept: break
      }
    }
    forgetOldResults(now)
    forgetOldKept(now)
    return actions
  }

  private mutating func expire(_ id: String, _ session: PlacedSession, _ now: Moment) -> [PlacementAction] {
    let reason = whyWaiting(session, now)
    guard session.isAccepted else { return drop(id, .unplaced(reason)) }
    // Somebody holds its id: the facts stay to be asked for.
    let message = "the session was to be started again, but no pod took it in time: \(reason); send the request again"
    return giveUp(id, message, now)
  }

  // MARK: - Choosing a pod

  /// Gives every request that waits to a pod, as far as there are pods.
  mutating func place(_ now: Moment) -> [PlacementAction] {
    settleOwner(now)
    guard rules != nil, !waiting.isEmpty, !pods.isEmpty else { return [] }
    var actions: [PlacementAction] = []
    var rest: [String] = []
    for id in waiting {
      guard var session = sessions[id], var request = session.request else { continue }
      guard session.idempotencyKey == nil || !isGathering(now), let pod = bestPod(for: session, now) else {
        rest.append(id)
        continue
      }
      session.phase = .placing(pod: pod)
      session.home = pod
      sessions[id] = session
      pods[pod]?.active.insert(id)
      if request.timeout != nil {
        request.timeout = UInt64(max((session.deadline - now.monotonic).wholeNanoseconds, 1))
      }
      actions.append(.send(pod: pod, .start(request)))
    }
    waiting = rest
    return actions
  }

  /// Whether pods that hold sessions may still have to register after a start of the coordinator.
  package func isGathering(_ now: Moment) -> Bool {
    guard now.monotonic < gatherUntil else { return false }
    return !isObservationComplete
      || observed.values.contains { $0.isReady && !$0.isBeingDeleted && pods[$0.name] == nil }
  }

  private func bestPod(for session: PlacedSession, _ now: Moment) -> String? {
    let candidates = pods.values.filter { pod in
      isPlaceable(pod) && session.refusals[pod.name].map { $0 <= now.monotonic } ?? true
    }
    if rules?.hasOwner == true { return candidates.first { $0.name == owner }?.name }
    let current = candidates.filter { $0.revision == currentRevision }
    return (current.isEmpty ? candidates : current)
      .min { ($0.active.count, $0.name) < ($1.active.count, $1.name) }?.name
  }

  func isPlaceable(_ pod: RegisteredPod) -> Bool {
    guard !pod.isDraining, let seen = observed[pod.name], seen.uid == pod.uid else { return false }
    return seen.isReady && !seen.isBeingDeleted && pod.load?.missingFunctions.isEmpty ?? true
  }

  /// Says to a person why a request waits.
  func whyWaiting(_ session: PlacedSession, _ now: Moment) -> String {
    guard let rules else {
      return "the workflow has no plan yet; see the condition Accepted in kubectl describe workflow"
    }
    let name = rules.workflow
    if pods.isEmpty {
      return observed.isEmpty
        ? "workflow \(name) has no executor pods; see kubectl describe workflow \(name), or scale it up"
        : "no executor pod of \(name) has registered; see kubectl get pods -l pheromone.dev/workflow=\(name) and their logs"
    }
    if session.idempotencyKey != nil, isGathering(now) {
      return "the coordinator has just started and waits for the executor pods to report the sessions they hold"
    }
    if pods.values.allSatisfy(\.isDraining) { return "all executor pods of workflow \(name) are draining" }
    if !pods.values.contains(where: isPlaceable) {
      let missing = Set(pods.values.flatMap { $0.load?.missingFunctions ?? [] }).sorted()
      return missing.isEmpty
        ? "no executor pod of workflow \(name) is ready; see kubectl get pods -l pheromone.dev/workflow=\(name)"
        : "no container has registered the functions \(missing.joined(separator: ", ")); see kubectl describe workflow \(name)"
    }
    if rules.hasOwner, owner.flatMap({ pods[$0] }).map(isPlaceable) != true {
      return owner.map {
        "the sessions of workflow \(name) run on its owner, the pod \($0), because triggers gather objects of all of "
          + "them, and that pod is not ready; see kubectl describe pod \($0), or delete it so that another takes over"
      } ?? "the pods of workflow \(name) are still awaited, one of which owns the triggers that gather across sessions"
    }
    return session.lastRefusal.isEmpty
      ? "the executor pods did not answer in time" : "every executor pod refused: \(session.lastRefusal)"
  }
}
