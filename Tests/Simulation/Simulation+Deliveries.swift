import Dataflow
import ExecutorPod
import Wire

/// Sessions end, and their results go to the coordinator.
extension Simulation {
  mutating func deliver(
    _ session: String, _ state: SessionResult.State, _ message: String, _ outputs: [OutputLocation], request: UInt64?
  ) {
    say("\(stamp) \(session) delivers \(state): \(message), \(outputs.count) outputs")
    trace.add(session)
    trace.add(UInt64(state.rawValue))
    trace.add(message)
    guard let model = models[session] else {
      return fail(.delivery, "a result of session \(session), which nobody asked for")
    }
    if let end = model.end {
      if end.state != state { fail(.outcome, "session \(session) ended as \(end.state), and now is \(state)") }
    } else {
      models[session]?.end = .init(state: state, message: message, at: now.monotonic)
      count("\(state)")
      judge(session)
    }
    checkOutputs(of: model, outputs)
    guard link.isOpen else { return }
    link.toCoordinator.append(.result(session: session, request: request))
    guard request == nil else { return }
    if !link.delivered.insert(session).inserted {
      fail(.delivery, "the result of \(session) is sent twice over one link")
    }
    if model.sentInLife != nil { count("sent again") }
    if model.isReceived { fail(.delivery, "the result of \(session) is sent again after it was received") }
    models[session]?.sentInLife = link.life
  }

  private mutating func checkOutputs(of model: SessionModel, _ outputs: [OutputLocation]) {
    guard outputs.map(\.name) == model.outputs.map(\.name) else {
      return fail(
        .outcome, "session \(model.name) has made \(model.outputs.count) outputs, and \(outputs.count) are delivered")
    }
    for (output, expected) in zip(outputs, model.outputs) {
      if Int(output.location.length) != expected.object.size {
        return fail(
          .readable, "an output of \(model.name) has \(output.location.length) bytes, not \(expected.object.size)")
      }
      if let objection = memory.objection(to: output.location, mark: expected.object.mark, isThorough: true) {
        return fail(.readable, "an output of \(model.name) cannot be read: \(objection)")
      }
    }
  }

  /// Whether the session may end like this now.
  mutating func judge(_ session: String) {
    guard let model = models[session], let end = model.end else { return }
    switch end.state {
    case .succeeded, .stalled:
      if let objection = model.firingObjections().first {
        fail(.firings, "session \(session) \(end.state): \(objection); \(end.message)")
      }
    case .failed:
      let isFull = end.message.contains("as many as it may") && model.invocationsAtMost > model.plan.invocationLimit
      if isFull { gatherings.doubt(session, at: now) }
      if model.doom == nil, !isFull, !failsForWant(model, end) {
        fail(.outcome, "session \(session) failed without a reason: \(end.message)")
      }
    case .timedOut:
      if now.monotonic < model.deadline { fail(.outcome, "session \(session) timed out before its time") }
    case .cancelled:
      if !model.isCancelled { fail(.outcome, "session \(session) was cancelled by nobody") }
    }
  }

  /// Whether it fails for want of memory where it waits for its next turn, which only befalls the youngest: whoever runs is
  /// as old, if not of the same session.
  private mutating func failsForWant(_ model: SessionModel, _ end: SessionModel.End) -> Bool {
    guard end.message.contains("nothing that could free some is running") else { return false }
    count("failed where it waits")
    return runningOn.values.contains { number in
      let other = attempts[number].flatMap { models[$0.session] }
      return other.map { $0.startedAt <= model.startedAt } ?? false
    }
  }
}
