package import Dataflow
package import Wire

extension PlacementStateMachine {
  // MARK: - What the API server shows

  package mutating func podObserved(_ pod: ObservedPod, now: Moment) -> [PlacementAction] {
    let before = observed.updateValue(pod, forKey: pod.name)
    var actions: [PlacementAction] = []
    if pod.isBeingDeleted, before?.isBeingDeleted != true, pods[pod.name]?.uid == pod.uid {
      pods[pod.name]?.isDraining = true
      actions.append(.send(pod: pod.name, .drain))
    }
    return actions + place(now)
  }

  package mutating func podVanished(_ name: String, now: Moment) -> [PlacementAction] {
    observed[name] = nil
    return place(now)
  }

  /// The first list of pods is complete.
  package mutating func observationCompleted(now: Moment) -> [PlacementAction] {
    isObservationComplete = true
    return place(now)
  }

  // MARK: - What sidecars say

  /// A sidecar registers with the sessions it holds. What another life of the pod had is lost.
  package mutating func podRegistered(
    _ pod: RegisteredPod, holding held: [PodFrame.HeldSession], now: Moment
  ) -> [PlacementAction] {
    var actions: [PlacementAction] = []
    var pod = pod
    if observed[pod.name].map({ $0.uid == pod.uid && $0.isBeingDeleted }) == true, !pod.isDraining {
      pod.isDraining = true
      actions.append(.send(pod: pod.name, .drain))
    }
    let previous = pods.updateValue(pod, forKey: pod.name)
    for session in held { actions += adopt(session, from: pod.name, now) }
    if let previous {
      let gone = previous.active.filter { id in !held.contains { $0.session == id } }
      for id in gone.sorted() { actions += homeLost(id, pod: pod.name, now) }
    }
    return actions + place(now)
  }

  package mutating func podLost(_ name: String, epoch: UInt64, now: Moment) -> [PlacementAction] {
    guard pods[name]?.epoch == epoch, let pod = pods.removeValue(forKey: name) else { return [] }
    var actions: [PlacementAction] = []
    for id in pod.active.sorted() { actions += homeLost(id, pod: name, now) }
    for (id, session) in sessions where session.phase == .kept(pod: name) {
      actions += drop(id, .lost(pod: name))
    }
    return actions + place(now)
  }

  package mutating func podDraining(_ name: String, now: Moment) -> [PlacementAction] {
    pods[name]?.isDraining = true
    return place(now)
  }

  package mutating func loadReported(_ load: PodLoad, pod: String, now: Moment) -> [PlacementAction] {
    pods[pod]?.load = load
    return place(now)
  }

  // MARK: - Sessions and their homes

  /// A session that a pod holds: news after a start of the coordinator, else it is compared with what is known.
  private mutating func adopt(
    _ held: PodFrame.HeldSession, from pod: String, _ now: Moment
  ) -> [PlacementAction] {
    let id = held.session
    guard var session = sessions[id] else {
      guard sessions.count < limits.sessions else { return [] }
      var found = PlacedSession(
        request: nil, idempotencyKey: held.idempotencyKey, requestHash: held.requestHash, deadline: now.monotonic,
        arrived: now)
      found.home = pod
      found.isAccepted = true
      found.phase = held.hasEnded ? .kept(pod: pod) : .running(pod: pod)
      sessions[id] = found
      if held.hasEnded { keptOrder.append(id) } else { pods[pod]?.active.insert(id) }
      if let key = held.idempotencyKey, keys[key] == nil { keys[key] = id }
      return []
    }
    switch session.phase {
    case .ended, .kept:
      // It ended elsewhere: nothing of this attempt may count any more.
      return held.hasEnded || session.home == pod ? [] : [.send(pod: pod, .cancel(session: id))]
    case .placing(let other) where other != pod, .running(let other) where other != pod:
      return held.hasEnded ? [] : [.send(pod: pod, .cancel(session: id))]
    // It may be what is left of an attempt that was given up, so the pod is asked again; if the end counts, `ended` follows.
    case .waiting where held.hasEnded: return []
    case .placing where held.hasEnded: return homeLost(id, pod: pod, now)
    case .waiting, .placing, .running:
      let wasAccepted = session.isAccepted
      waiting.removeAll { $0 == id }
      session.isAccepted = true
      session.home = pod
      session.phase = .running(pod: pod)
      sessions[id] = session
      pods[pod]?.active.insert(id)
      // A session that has ended is told about by `ended`, which follows the registration.
      let cancel: [PlacementAction] = session.isCancelled ? [.send(pod: pod, .cancel(session: id))] : []
      return (wasAccepted ? [] : [.accepted(session: id)]) + cancel
    }
  }

  /// The pod that a session was given to is gone: it starts again from its request, if that is still here.
  private mutating func homeLost(_ id: String, pod: String, _ now: Moment) -> [PlacementAction] {
    guard var session = sessions[id] else { return [] }
    let wasStored: Bool
    switch session.phase {
    case .placing(pod): wasStored = false
    case .running(pod): wasStored = true
    default: return []
    }
    if session.isCancelled {
      return conclude(
        SessionResult(session: id, state: .cancelled, message: "cancelled; its pod \(pod) is gone"), pod: nil, now)
    }
    guard session.request != nil else { return drop(id, .lost(pod: pod)) }
    if wasStored {
      let limit = rules?.restartLimit ?? 0
      guard session.restarts < limit else {
        let message =
          "its pod \(pod) is gone, and it was started \(session.restarts + 1) times already "
          + "(spec.sessionLimits.restarts is \(limit)); see why the pods end (kubectl describe pod, kubectl logs "
          + "--previous), then send the request again"
        return giveUp(id, message, now)
      }
      session.restarts += 1
      counters.restarted += 1
      session.deadline = max(session.deadline, now.monotonic + (rules?.sessionTimeout ?? .seconds(60)))
    }
    session.phase = .waiting
    session.home = nil
    sessions[id] = session
    waiting.insert(id, at: 0)
    return []
  }
}
