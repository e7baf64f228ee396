package import Dataflow

/// The triggers of a workflow that gather objects of all its sessions: batches and windows. What they fire begins a
/// session of its own, a *derived* one. Facts in, derived sessions out, time as an input; one pod owns them.
///
/// A session runs by the plan that it began with, so several versions of a trigger may be in use at once. They are told
/// apart by what they say: a trigger that the next plan has unchanged goes on, one that was changed or removed fires on what
/// it holds, and what old sessions still hand it goes by its own rules.
package struct WorkflowTriggers: Sendable {
  private struct Version: Hashable {
    var bucket: String
    var trigger: TriggerPlan
  }

  private struct Gathering {
    /// The latest plan that has this version, by which derived sessions run, and the trigger's index there.
    var plan: CompiledPlan
    var trigger: Int
    var state: PrimitiveState
    /// The session of each object that is held.
    var sessions: [UInt64: String] = [:]
  }

  private var gatherings: [Version: Gathering] = [:]
  /// The versions of the plan by which new sessions run. None once the owner drains: what old sessions still hand over is
  /// gathered and goes by its own rules, and what holds nothing is forgotten, so that no empty window begins a session.
  private var inForce: Set<Version> = []
  private var isDraining = false
  private var fired: [DerivedSession] = []

  package init() {}

  // Each of these answers the sessions that it begins. The trigger's holds on their inputs are theirs from then on.

  /// New sessions run by the plan.
  package mutating func planApplied(_ plan: CompiledPlan, now: Moment) -> [DerivedSession] {
    let versions = Self.versions(in: plan)
    if !isDraining { inForce = Set(versions.keys) }
    for version in order where versions[version] == nil { flush(version, now: now) }
    for (version, trigger) in versions.sorted(by: { $0.value < $1.value }) {
      gatherings[version]?.plan = plan
      gatherings[version]?.trigger = trigger
      guard gatherings[version] == nil, !isDraining else { continue }
      gatherings[version] = Gathering(plan: plan, trigger: trigger, state: plan.triggers[trigger].initialState)
      tell(version, .began, now: now)
    }
    return takeFired()
  }

  /// A session that runs by `plan` hands over an object, and the caller holds it for this trigger from now on.
  package mutating func objectArrived(
    _ object: ObjectReference, of session: String, at trigger: Int, of plan: CompiledPlan, now: Moment
  ) -> [DerivedSession] {
    let rule = plan.triggers[trigger]
    let version = Version(bucket: plan.plan.buckets[rule.bucket].name, trigger: rule.plan)
    if gatherings[version] == nil {
      gatherings[version] = Gathering(plan: plan, trigger: trigger, state: rule.initialState)
    }
    gatherings[version]?.sessions[object.handle] = session
    tell(version, .objectArrived(object), now: now)
    discardIfUnused(version)
    return takeFired()
  }

  /// When `timeCame` is to be called next, on the monotonic clock.
  package private(set) var due: Duration?

  package mutating func timeCame(now: Moment) -> [DerivedSession] {
    // All that wait for a time are told, since the wall clock may have jumped beyond a window's end before it was due.
    for version in order where gatherings[version]?.state.due != nil {
      tell(version, .timeCame, now: now)
      discardIfUnused(version)
    }
    return takeFired()
  }

  /// Everything that is held goes at once: the owner is about to end. From now on only objects begin anything. Called again,
  /// it lets go of what has come since.
  package mutating func drain(now: Moment) -> [DerivedSession] {
    isDraining = true
    inForce = []
    for version in order { flush(version, now: now) }
    return takeFired()
  }

  /// How many objects the triggers of the current plan hold, by bucket and trigger.
  package var pendingCounts: [(bucket: String, trigger: String, pending: Int)] {
    gatherings.map { ($0.key.bucket, $0.key.trigger.name, $0.value.state.heldCount) }
  }

  /// The triggers that hold objects of the session, whether it is over or not.
  package func waiting(of session: String, now: Moment) -> [SessionDescription.Waiting] {
    order.compactMap { version in
      guard let gathering = gatherings[version], let awaited = gathering.state.awaited else { return nil }
      let held = gathering.sessions.values.count { $0 == session }
      guard held > 0 else { return nil }
      let rule = gathering.plan.triggers[gathering.trigger]
      let clock = gathering.state.due.map { "the clock, in \(DurationText.format(max($0 - now.monotonic, .zero)))" }
      return SessionDescription.Waiting(
        trigger: rule.name, target: rule.plan.target, lacks: awaited.texts,
        producers: (awaited.source == .time ? [] : ["any session that puts there"]) + (clock.map { [$0] } ?? []),
        held: held)
    }
  }

  package var heldCount: Int { gatherings.values.reduce(0) { $0 + $1.state.heldCount } }

  // MARK: - Inside

  /// In a fixed order, so that the same facts always lead to the same actions.
  private var order: [Version] {
    gatherings.keys.sorted {
      ($0.bucket, $0.trigger.name, "\($0.trigger)") < ($1.bucket, $1.trigger.name, "\($1.trigger)")
    }
  }

  private static func versions(in plan: CompiledPlan) -> [Version: Int] {
    var versions: [Version: Int] = [:]
    for (index, trigger) in plan.triggers.enumerated() where trigger.isWorkflowScoped {
      versions[Version(bucket: plan.plan.buckets[trigger.bucket].name, trigger: trigger.plan)] = index
    }
    return versions
  }

  private mutating func flush(_ version: Version, now: Moment) {
    tell(version, .bucketIdle, now: now)
    discardIfUnused(version)
  }

  /// A version that is not in force is kept only while it holds something.
  private mutating func discardIfUnused(_ version: Version) {
    if !inForce.contains(version), gatherings[version]?.state.heldCount == 0 { gatherings[version] = nil }
  }

  private mutating func tell(_ version: Version, _ fact: TriggerFact, now: Moment) {
    guard var gathering = gatherings.removeValue(forKey: version) else { return }
    let verdict = gathering.state.update(fact, now: now)
    let rule = gathering.plan.triggers[gathering.trigger]
    for members in verdict.firings {
      var hash = StableHash()
      hash.update(field: rule.name)
      // A window in which nothing came has no members to tell it from others.
      if members.isEmpty { hash.update(field: "\(now.wall) \(now.monotonic)") }
      var causes: [String] = []
      var isCause: Set<String> = []
      for member in members {
        let session = gathering.sessions[member.handle] ?? ""
        hash.update(field: session)
        hash.update(field: member.key)
        if isCause.insert(session).inserted { causes.append(session) }
      }
      let inputs = members.map { ObjectReference(bucket: rule.bucket, key: $0.key, group: $0.group, handle: $0.handle) }
      fired.append(
        DerivedSession(
          firing: hash.finish(), plan: gathering.plan, trigger: gathering.trigger, inputs: inputs, causes: causes))
    }
    for object in verdict.released { gathering.sessions[object.handle] = nil }
    gatherings[version] = gathering
  }

  /// The end of whatever was told.
  private mutating func takeFired() -> [DerivedSession] {
    defer { fired = [] }
    due = gatherings.values.lazy.compactMap(\.state.due).min()
    return fired
  }
}

/// A session that a trigger across sessions begins. Its id is its firing's.
package struct DerivedSession: Sendable {
  package var firing: String
  package var plan: CompiledPlan
  /// Index of the trigger in the plan.
  package var trigger: Int
  package var inputs: [ObjectReference]
  /// The sessions whose objects it is given, each once.
  package var causes: [String]
}
