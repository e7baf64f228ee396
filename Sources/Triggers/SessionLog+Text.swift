package import Dataflow

extension SessionLog {
  /// The timeline as people are shown it, oldest entry first.
  package func timeline(in plan: CompiledPlan) -> [SessionDescription.Entry] {
    entries.map { Self.describe($0.event, at: $0.at.seconds, in: plan) }
  }

  private static func describe(_ event: Event, at: Double, in plan: CompiledPlan) -> SessionDescription.Entry {
    func entry(_ kind: String, _ subject: String, _ detail: String = "", on executor: String? = nil)
      -> SessionDescription.Entry
    {
      .init(at: at, event: kind, subject: subject, detail: detail, executor: executor)
    }
    func text(_ name: InvocationName) -> String { name.text(in: plan) }
    func function(_ index: Int) -> String { plan.plan.functions[index].name }
    func bucket(_ index: Int) -> String { plan.plan.buckets[index].name }
    func trigger(_ index: Int) -> String { plan.triggers[index].name }
    return switch event {
    case .requested(let index): entry("requested", function(index))
    case .put(let producer, let index, let key): entry("put", "\(bucket(index))/\(key)", "by \(text(producer))")
    case .called(let producer, let index): entry("called", function(index), "by \(text(producer))")
    case .announced(let producer, let index, let count):
      entry("announced", bucket(index), "\(count) key\(count == 1 ? "" : "s") by \(text(producer))")
    case .fired(let index, let inputs):
      entry(
        "fired", trigger(index),
        "\(plan.triggers[index].plan.target) on \(inputs) object\(inputs == 1 ? "" : "s")")
    case .ignored(let index, let key): entry("ignored", trigger(index), "\(key) came too late")
    case .started(let name, let attempt, let executor):
      entry("started", text(name), "attempt \(attempt)", on: executor)
    case .committed(let name, let puts, let outputs): entry("committed", text(name), "\(puts) put, \(outputs) output")
    case .attemptFailed(let name, let attempt, let message):
      entry("failed", text(name), "attempt \(attempt): \(message)")
    case .retrying(let name, let attempt, let pause):
      entry("retrying", text(name), "attempt \(attempt) in \(DurationText.format(pause))")
    case .recovering(let name, let attempt):
      entry("recovering", text(name), "attempt \(attempt) beside the one that runs")
    case .spared(let name): entry("cancelled", text(name), "redundant triggers have what they need")
    case .doneWithout(let name): entry("tolerated", text(name), "redundant triggers can do without it")
    case .incomplete(let index, let lacks): entry("incomplete", trigger(index), "lacks \(lacks)")
    case .ended(let outcome): entry("ended", "\(outcome.state)", outcome.message)
    }
  }
}

extension Duration {
  /// As a number of seconds.
  package var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
