import Dataflow
import ObjectStore
import Triggers
import Wire

/// Sessions that triggers across sessions begin, and the objects that wait for that.
extension PodCore {
  /// An object goes from a session to a trigger that gathers, which holds it from now on.
  mutating func handOver(_ object: ObjectReference, of session: String, to trigger: Int, now: Moment) {
    guard let plan = sessions[session]?.engine.compiled else { return }
    ledger.retain(object.handle)
    gatheredBytes += bytes(of: object)
    begin(gathering.objectArrived(object, of: session, at: trigger, of: plan, now: now), now: now)
  }

  /// Begins sessions on what was gathered. The triggers' holds on the objects become theirs.
  mutating func begin(_ list: [DerivedSession], now: Moment) {
    for derived in list {
      let rule = derived.plan.triggers[derived.trigger]
      let bucket = derived.plan.plan.buckets[rule.bucket].name
      for input in derived.inputs { gatheredBytes -= bytes(of: input) }
      sessions[derived.firing] = PodSession(
        engine: SessionEngine(session: derived.firing, plan: derived.plan, now: now), requestHash: "", startedAt: now,
        timeout: derived.plan.plan.sessionTimeout,
        origin: .init(
          bucket: bucket, trigger: rule.plan.name, objects: derived.inputs.count,
          causes: Array(derived.causes.prefix(PodSession.linkLimit))))
      for cause in derived.causes where (sessions[cause]?.derived.count ?? .max) < PodSession.linkLimit {
        sessions[cause]?.derived.append(derived.firing)
      }
      if derived.causes.contains(where: { sessions[$0]?.recording != nil }) { startRecording(derived.firing) }
      totals.fired[bucket, default: [:]][rule.plan.name, default: 0] += 1
      schedule(
        .sessionTimeout(derived.firing), of: derived.firing, at: now.monotonic + derived.plan.plan.sessionTimeout)
      tell(
        derived.firing, .derived(trigger: derived.trigger, firing: derived.firing, inputs: derived.inputs), now: now)
      loadIsDue = true
    }
  }

  mutating func countDeadLetters(of session: String, from origin: PodSession.Origin, _ outcome: SessionOutcome) {
    totals.deadLetters[origin.bucket, default: 0] += UInt64(origin.objects)
    note(
      "\(origin.objects) objects of \(origin.bucket)/\(origin.trigger) are dead letters: session \(session) "
        + "\(outcome.state): \(outcome.message)", isWarning: true)
    guard coordinatorFeatures.contains(.deadLetters) else { return }
    act(
      .tellCoordinator(
        .deadLetter(
          .init(
            session: session, bucket: origin.bucket, trigger: origin.trigger, objects: UInt64(origin.objects),
            message: outcome.message))))
  }

  private func bytes(of object: ObjectReference) -> Int {
    ledger.object(object.handle).map { Int($0.location.length) } ?? 0
  }

  // MARK: - Recording

  /// Sessions that are recorded at once; with more, the oldest recording goes.
  static let recordingLimit = 8

  mutating func startRecording(_ session: String) {
    guard let state = sessions[session] else { return }
    sessions[session]?.recording = SessionRecording(
      session: session, plan: state.engine.compiled.plan, startedAt: state.startedAt)
    recorded.append(session)
    if recorded.count > Self.recordingLimit { sessions[recorded.removeFirst()]?.recording = nil }
  }
}
