import Dataflow
import ExecutorPod
import Triggers
import Wire

/// Workers that go on by themselves: the pod has to make of it what it would have made of it itself.
extension Simulation {
  /// An invocation that a worker has begun without the pod's word, and that follows from the rules.
  struct Begun {
    var number: UInt64
    var session: String
    var firing: String
    var function: String
    var input: SessionModel.Input
  }

  /// Which firing follows from the commit by the model's own rules.
  mutating func begin(
    after number: UInt64, _ session: String, _ transaction: Transaction, _ model: inout SessionModel
  ) -> Begun? {
    guard let put = transaction.puts.first, let connection = attempts[number]?.connection else { return nil }
    let triggers = (model.plan.buckets.first { $0.name == put.bucket }?.triggers ?? []).filter { trigger in
      switch trigger.primitive {
      case .immediate: true
      case .byName(let names): names.contains(put.key.text)
      default: false
      }
    }
    guard transaction.puts.count == 1, triggers.count == 1, let trigger = triggers.first else {
      fail(.firings, "worker \(connection) goes on where \(triggers.count) triggers fire")
      return nil
    }
    var id = FiringID(trigger: "\(put.bucket)/\(trigger.name)", session: session)
    id.add(key: put.key)
    let firing = id.finish().text
    let input = SessionModel.Input(bucket: put.bucket, key: put.key.text)
    model.firings[firing] = .init(function: trigger.target, inputs: [input])
    attempts[number] = (session, firing, connection)
    return Begun(number: number, session: session, firing: firing, function: trigger.target, input: input)
  }

  /// The pod has taken the report in: it counts the worker as running just that, or has told it to stop for a reason.
  mutating func check(_ begun: Begun, on connection: UInt64) {
    guard failure == nil, workers[connection] != nil, let model = models[begun.session] else { return }
    guard let executor = core.executorOfConnection[connection], let key = core.executors[executor]?.running,
      let attempt = core.attempts[key]
    else { return fail(.firings, "worker \(connection) runs \(begun.function), and the pod does not know it") }
    if attempt.isAbandoned {
      if !withdrawn.contains(begun.number) {
        fail(.firings, "worker \(connection) is not told that it runs for nobody")
      }
      let isSpared = model.plan.buckets.contains { bucket in
        bucket.triggers.contains { if case .redundant = $0.primitive { true } else { false } }
      }
      if model.end == nil, !isSpared {
        fail(.firings, "\(begun.function) of \(begun.session) is given up for no reason")
      }
      return
    }
    count("inline taken over")
    if attempt.attempt.firing.text != begun.firing || attempt.function != begun.function {
      fail(.firings, "worker \(connection) runs \(begun.function), and the pod takes it for \(attempt.function)")
    }
    if attempt.attempt.inputs.map(\.key.text) != [begun.input.key] {
      fail(.firings, "\(begun.function) of \(begun.session) has other inputs than its worker reads")
    }
  }
}
