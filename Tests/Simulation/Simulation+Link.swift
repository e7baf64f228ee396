import Dataflow
import DequeModule
import ExecutorPod
import Wire

/// The coordinator's side: what it sends, what becomes of its sessions, links that come and go.
extension Simulation {
  mutating func openLink() {
    link.open()
    say("\(stamp) link \(link.life) opens")
    core.linkOpened()
    core.settle(now: now)
    perform()
  }

  mutating func closeLink() {
    count("link break")
    say("\(stamp) link \(link.life) breaks")
    link.close()
    core.linkClosed()
    perform()
  }

  /// The pod takes the coordinator's next frame.
  mutating func podHears() {
    guard let frame = link.toPod.popFirst() else { return }
    say("\(stamp) pod hears \(summary(of: frame))")
    trace.add(frame.encoded())
    switch frame {
    case .plan(let revision, _):
      guard let plan = plans[revision] else { return }
      if plan.revision != appliedPlan?.revision { gatherings.apply(plan, at: now) }
      appliedPlan = plan
      tellPlan(plan)
      core.apply(saboteur?.change(plan) ?? plan, now: now)
      perform()
      checkGathered()
    case .start(let request):
      let isKnown = core.sessions[request.session] != nil
      if !isKnown, models[request.session] != nil {
        // Forgotten since: a coordinator would know from the registration that it was here.
        return
      }
      if !isKnown { expect(request) }
      hear(frame)
      if !isKnown, core.sessions[request.session] == nil, models[request.session]?.end == nil {
        models[request.session] = nil
        gatherings.takeBack(request.session)
        count("session refused")
      }
    case .cancel(let session):
      models[session]?.isCancelled = true
      hear(frame)
      if let model = models[session], model.end == nil {
        fail(.sessionEnds, "session \(session) was cancelled and goes on")
      }
    case .received(let session):
      models[session]?.isReceived = true
      hear(frame)
    case .drain:
      gatherings.drain(at: now)
      hear(frame)
      checkGathered()
    case .registered:
      link.isRegistered = true
      let due = doubtful()
      hear(frame)
      for session in due where !link.delivered.contains(session) {
        fail(.delivery, "the result of \(session) may be lost with the last link, and is not sent again")
      }
    default: hear(frame)
    }
  }

  private mutating func hear(_ frame: CoordinatorFrame) {
    if saboteur?.swallows(frame) == true { return }
    core.coordinatorFrame(frame, now: now)
    perform()
  }

  /// Sessions that are held here and whose result the coordinator may not have.
  private func doubtful() -> [String] {
    models.values.filter { model in
      guard model.end != nil, model.origin != nil, core.sessions[model.name] != nil else { return false }
      return !model.isReceived && model.sentInLife != link.life
    }.map(\.name).sorted()
  }

  /// The session that the request makes, if the pod takes it.
  private mutating func expect(_ request: CoordinatorFrame.SessionRequest) {
    guard let plan = appliedPlan else { return }
    let asked = request.timeout.map { Duration.nanoseconds(Int64(clamping: $0)) } ?? plan.sessionTimeout
    var mark: UInt64 = 0
    for (index, byte) in request.payload.prefix(8).enumerated() { mark |= UInt64(byte) << (8 * UInt64(index)) }
    var key = ""
    var group: String?
    if case .put(_, let name, let given) = request.origin { (key, group) = (name, given) }
    let payload = SessionModel.Object(key: key, group: group, mark: mark, size: request.payload.count)
    var model = SessionModel(
      name: request.session, plan: plan, origin: request.origin, payload: payload, startedAt: now.monotonic,
      deadline: now.monotonic + min(asked, plan.sessionTimeout))
    if case .put(let bucket, _, _) = request.origin { show(payload, in: bucket, &model) }
    models[request.session] = model
    count("session")
  }

  private func tellPlan(_ plan: WorkflowPlan) {
    guard narrator != nil else { return }
    for function in plan.functions {
      say(
        "    function \(function.name) -> \(function.outputs ?? []) calls \(function.calls), timeout "
          + "\(function.timeout.map(DurationText.format) ?? "none"), \(function.retry.limit) retries, \(function.publish)"
      )
    }
    for bucket in plan.buckets {
      for trigger in bucket.triggers {
        say(
          "    \(bucket.name)/\(trigger.name) -> \(trigger.target): \(trigger.primitive)\(trigger.recovery == nil ? "" : ", recovery")"
        )
      }
    }
  }

  private func summary(of frame: CoordinatorFrame) -> String {
    if case .start(let request) = frame {
      return "start \(request.session) \(request.origin), \(request.payload.count) bytes"
    }
    if case .plan(let revision, _) = frame { return "plan \(revision)" }
    return "\(frame)"
  }
}
