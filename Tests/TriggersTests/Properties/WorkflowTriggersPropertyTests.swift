import Dataflow
import Testing

@testable import Triggers

@Suite("Triggers across sessions: random sessions, plan changes and clocks against the models")
struct WorkflowTriggersPropertyTests {
  /// Each step means something whatever came before it.
  enum Step {
    case object(session: Int, plan: Int, trigger: Int)
    case pass(Duration)
    case wallJumps(Duration)
    case timer
    case apply(plan: Int)
    case drain

    static func random(_ random: inout SeededGenerator) -> Step {
      switch random.below(20) {
      case 0...8: .object(session: random.below(5), plan: random.below(plans.count), trigger: random.below(4))
      case 9...11: .pass(.milliseconds(random.below(1500)))
      case 12: .wallJumps(.milliseconds(random.below(100_000) - 50_000))
      case 13...16: .timer
      case 17, 18: .apply(plan: random.below(plans.count))
      default: random.below(3) == 0 ? .drain : .timer
      }
    }
  }

  /// Versions of one workflow: a trigger that is changed, removed, added again, or stays while another function changes.
  static let plans: [CompiledPlan] = {
    let batch = TriggerPlan(name: "batch", target: "f", .byBatchSize(.init(count: 3, maxWait: "2s")))
    let smaller = TriggerPlan(name: "batch", target: "f", .byBatchSize(.init(count: 2)))
    let other = TriggerPlan(name: "batch", target: "g", .byBatchSize(.init(count: 3, maxWait: "2s")))
    let window = TriggerPlan(name: "window", target: "f", .byTime(.init(window: "1s")))
    let steady = TriggerPlan(name: "steady", target: "g", .byTime(.init(window: "1500ms", fireEmpty: true)))
    let lists = [[batch, window], [smaller, window, steady], [other], [], [steady, batch]]
    let functions = [FunctionPlan(name: "f", outputs: []), FunctionPlan(name: "g", outputs: [])]
    return lists.map { CompiledPlan(plan(entry: "f", functions, ["x": $0, "y": Array($0.prefix(1))])) }
  }()

  @Test("What fires, when, on what and for whom", arguments: 0..<300 as Range<UInt64>)
  func property(seed: UInt64) {
    Property(seeds: seed..<seed + 1) { random in
      (0..<random.below(120)).map { _ in Step.random(&random) }
    } objections: {
      Self.objections($0)
    }.check("triggers across sessions")
  }

  static func objections(_ steps: [Step]) -> [String] {
    var triggers = WorkflowTriggers()
    var model = WorkflowTriggersModel()
    var now = Moment(monotonic: .seconds(5), wall: .seconds(1000))
    var sessionOf: [UInt64: String] = [:]
    var ids: Set<String> = []
    var objections: [String] = []
    _ = (triggers.planApplied(plans[0], now: now), model.applied(plans[0].plan, now: now))
    for (index, step) in steps.enumerated() {
      var fired: [DerivedSession] = []
      var expected: [WorkflowTriggersModel.Firing] = []
      switch step {
      case .object(let session, let number, let choice):
        let plan = plans[number]
        guard !plan.triggers.isEmpty else { continue }
        let trigger = plan.triggers[choice % plan.triggers.count]
        let handle = UInt64(index + 1)
        sessionOf[handle] = "s\(session)"
        let object = ObjectReference(bucket: trigger.bucket, key: "k\(index)", handle: handle)
        fired = triggers.objectArrived(
          object, of: "s\(session)", at: choice % plan.triggers.count, of: plan, now: now)
        expected = model.arrived(
          handle, at: .init(bucket: plan.plan.buckets[trigger.bucket].name, trigger: trigger.plan), now: now)
      case .pass(let duration): now = now + duration
      case .wallJumps(let duration): now.wall += duration
      case .timer:
        fired = triggers.timeCame(now: now)
        expected = model.all(.timeCame, now: now)
        if let due = triggers.due, due <= now.monotonic { objections.append("step \(index): it is still due") }
      case .apply(let number):
        fired = triggers.planApplied(plans[number], now: now)
        expected = model.applied(plans[number].plan, now: now)
      case .drain:
        fired = triggers.drain(now: now)
        expected = model.drained(now: now)
      }
      // Said once more without the model: nothing comes of nothing, and nobody waits for a time in vain.
      if model.isDrained, fired.contains(where: \.inputs.isEmpty) || (triggers.heldCount == 0 && triggers.due != nil) {
        objections.append("step \(index): an empty window goes on after the drain")
      }
      let found = fired.map {
        WorkflowTriggersModel.Firing(trigger: $0.plan.triggers[$0.trigger].name, handles: $0.inputs.map(\.handle))
      }
      if found.sorted(by: precedes) != expected.sorted(by: precedes) {
        objections.append("step \(index): \(found) fired, and \(expected) should have")
      }
      for session in fired {
        let causes = session.inputs.compactMap { sessionOf[$0.handle] }
        if Set(session.causes) != Set(causes) || session.causes.count != Set(causes).count {
          objections.append("step \(index): it was caused by \(session.causes), not \(causes)")
        }
        if !ids.insert(session.firing).inserted {
          objections.append("step \(index): firing \(session.firing) came twice")
        }
      }
      if triggers.heldCount != model.heldCount {
        objections.append("step \(index): \(triggers.heldCount) objects are held, not \(model.heldCount)")
      }
    }
    return objections
  }

  private static func precedes(_ one: WorkflowTriggersModel.Firing, _ other: WorkflowTriggersModel.Firing) -> Bool {
    (one.trigger, "\(one.handles)") < (other.trigger, "\(other.handles)")
  }
}
