import Dataflow
import DequeModule
import ExecutorPod
import Triggers
import Wire

/// Objects become visible, and triggers across sessions begin sessions of their own.
extension Simulation {
  mutating func show(_ object: SessionModel.Object, in bucket: String, _ model: inout SessionModel) {
    model.visible[bucket, default: []].append(object)
    for trigger in model.plan.buckets.first(where: { $0.name == bucket })?.triggers ?? []
    where trigger.primitive.isWorkflowScoped {
      let version = GatheringModel.Version(
        bucket: bucket, trigger: trigger, sessionTimeout: model.plan.sessionTimeout)
      gatherings.add(object, to: version, of: model.name, at: now)
    }
  }

  /// The first attempt of a session that nobody has asked for: a trigger must have had reason to begin it.
  mutating func derive(_ invoke: SidecarFrame.Invoke) {
    guard invoke.firing.text == invoke.session, let session = core.sessions[invoke.session] else { return }
    let plan = session.engine.compiled.plan
    let startedAt = session.startedAt.monotonic
    var objects: [SessionModel.Object] = []
    if invoke.inputs.isEmpty {
      guard plan.buckets.contains(where: { $0.triggers.contains(where: Self.firesEmpty) }) else { return }
    } else {
      guard let taken = gatherings.take(invoke, startedAt: session.startedAt, marks: marks) else { return }
      objects = taken
    }
    count("derived session")
    let inputs = invoke.inputs.map { SessionModel.Input(bucket: $0.bucket, key: $0.key.text) }
    var model = SessionModel(
      name: invoke.session, plan: plan, origin: nil, payload: .init(key: "", group: nil, mark: 0, size: 0),
      startedAt: startedAt, deadline: startedAt + plan.sessionTimeout)
    model.given = (invoke.function, inputs, objects)
    models[invoke.session] = model
    derived.insert(invoke.session)
  }

  private static func firesEmpty(_ trigger: TriggerPlan) -> Bool {
    if case .byTime(let window) = trigger.primitive { window.fireEmpty == true } else { false }
  }

  /// Nobody is told of the end of a derived session that went well, so it is looked for.
  mutating func noticeEnds() {
    for key in core.ended {
      guard let session = core.sessions[key], models[session.name] == nil, let origin = session.origin else { continue }
      gatherings.lose(session.name, from: origin)
    }
    for name in derived {
      guard let engine = core.sessions[name]?.engine else {
        derived.remove(name)
        models[name]?.end = .init(state: .succeeded, message: "forgotten", at: now.monotonic)
        continue
      }
      guard let outcome = engine.outcome else { continue }
      derived.remove(name)
      let state: SessionResult.State =
        switch outcome.state {
        case .succeeded: .succeeded
        case .failed: .failed
        case .stalled: .stalled
        case .timedOut: .timedOut
        case .cancelled: .cancelled
        }
      models[name]?.end = .init(state: state, message: outcome.message, at: now.monotonic)
      count("derived \(state)")
      judge(name)
    }
  }
}
