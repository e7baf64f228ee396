import Dataflow
import ObjectStore
import Triggers
import Wire

/// Sessions that triggers across sessions begin, and the objects that wait for that.
extension PodCore {
  /// An object goes from a session to a trigger that gathers, which holds it from now on.
  mutating func handOver(_ object: ObjectReference, of session: SessionTable.Key, to trigger: Int, now: Moment) {
    guard let plan = sessions[session]?.engine.compiled, let name = sessions[session]?.name else { return }
    ledger.retain(object.handle)
    gatheredBytes += bytes(of: object)
    begin(gathering.objectArrived(object, of: name, at: trigger, of: plan, now: now), now: now)
  }

  /// Begins sessions on what was gathered. The triggers' holds on the objects become theirs.
  mutating func begin(_ list: [DerivedSession], now: Moment) {
    for derived in list {
      let rule = derived.plan.triggers[derived.trigger]
      let bucket = derived.plan.plan.buckets[rule.bucket].name
      for input in derived.inputs { gatheredBytes -= bytes(of: input) }
      let session = sessions.insert(
        PodSession(
          engine: SessionEngine(session: derived.firing, plan: derived.plan, now: now), requestHash: "", startedAt: now,
          timeout: derived.plan.plan.sessionTimeout,
          origin: .init(
            bucket: bucket, trigger: rule.plan.name, objects: derived.inputs.count,
            causes: Array(derived.causes.prefix(PodSession.linkLimit)))))
      let causes = derived.causes.compactMap { sessions.key($0) }
      for cause in causes where (sessions[cause]?.derived.count ?? .max) < PodSession.linkLimit {
        sessions.change(cause) { $0.derived.append(derived.firing) }
      }
      if causes.contains(where: { sessions[$0]?.recording != nil }) { startRecording(session) }
      totals.firings[rule.plan.primitive.ordinal] += 1
      totals.fired[bucket, default: [:]][rule.plan.name, default: 0] += 1
      schedule(
        .sessionTimeout(session), of: session, at: now.monotonic + derived.plan.plan.sessionTimeout)
      tell(
        session, .derived(trigger: derived.trigger, firing: derived.firing, inputs: derived.inputs), now: now)
      loadIsDue = true
    }
  }

  mutating func countDeadLetters(of session: String, from origin: PodSession.Origin, _ outcome: SessionOutcome) {
    totals.deadLetters[origin.bucket, default: 0] += UInt64(origin.objects)
    note(
      "\(origin.objects) objects of \(origin.bucket)/\(origin.trigger) are dead letters: session \(session) "
        + "\(outcome.state): \(outcome.message)", isWarning: true)
    // Those of one trigger are told as one while nobody hears of them, so that there are never more than triggers.
    let index = deadLetters.firstIndex { $0.bucket == origin.bucket && $0.trigger == origin.trigger }
    let before = index.map { deadLetters.remove(at: $0).objects } ?? 0
    deadLetters.append(
      .init(
        session: session, bucket: origin.bucket, trigger: origin.trigger, objects: before + UInt64(origin.objects),
        message: outcome.message))
    tellDeadLetters()
  }

  /// Tells the coordinator of the dead letters that it has not heard of, once it is known to understand.
  mutating func tellDeadLetters() {
    guard coordinatorFeatures.contains(.deadLetters) else { return }
    for letter in deadLetters { act(.tellCoordinator(.deadLetter(letter))) }
    deadLetters = []
  }

  private func bytes(of object: ObjectReference) -> Int {
    ledger.object(object.handle).map { Int($0.location.length) } ?? 0
  }

  // MARK: - Recording

  /// Sessions that are recorded at once; with more, the oldest recording goes.
  static let recordingLimit = 8

  mutating func startRecording(_ session: SessionTable.Key) {
    guard let state = sessions[session] else { return }
    let recording = SessionRecording(
      session: state.name, plan: state.engine.compiled.plan, startedAt: state.startedAt)
    sessions.change(session) { $0.recording = recording }
    recorded.append(session)
    if recorded.count > Self.recordingLimit { sessions.change(recorded.removeFirst()) { $0.recording = nil } }
  }
}
