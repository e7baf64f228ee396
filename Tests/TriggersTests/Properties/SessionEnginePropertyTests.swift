import Dataflow
import Testing

@testable import Triggers

@Suite("Session engine: random plans and interleavings against the models")
struct SessionEnginePropertyTests {
  private static let seeds: Range<UInt64> = 0..<600

  @Test("Whatever happens, a session does what the models say, and nothing else", arguments: seeds)
  func property(seed: UInt64) {
    let plan = RandomPlan.make(seed: seed)
    Property(seeds: seed..<seed + 1) { random in
      (0..<random.below(200)).map { _ in SessionStep.random(&random) }
    } objections: { steps in
      var run = SessionRun(plan: plan, session: "s\(seed)")
      run.play(steps, entersBucket: seed % 8 == 0)
      return run.objections
    }.check("\(plan)")
  }

  @Test("A run decides the same again")
  func deterministic() {
    for seed in Self.seeds.prefix(60) { #expect(Self.run(seed).bench.trace == Self.run(seed).bench.trace) }
  }

  @Test("The runs above see every primitive fire, every way to end, and everything that can happen on the way")
  func coverage() {
    var states: [SessionOutcome.State: Int] = [:]
    var fired: [PrimitiveKind: Int] = [:]
    var events: [String: Int] = [:]
    for seed in Self.seeds {
      let run = Self.run(seed)
      if let state = run.bench.ended?.state { states[state, default: 0] += 1 }
      for rule in run.model.rules {
        fired[PrimitiveKind(rule.trigger.primitive), default: 0] += run.model.firings(of: rule).count
      }
      for (trigger, _) in run.bench.handedOver {
        fired[PrimitiveKind(run.bench.engine.compiled.triggers[trigger].plan.primitive), default: 0] += 1
      }
      for entry in run.bench.engine.timeline { events[entry.event, default: 0] += 1 }
    }
    for state: SessionOutcome.State in [.succeeded, .failed, .stalled, .timedOut, .cancelled] {
      #expect(states[state, default: 0] > 5, "\(state)")
    }
    for kind in PrimitiveKind.allCases { #expect(fired[kind, default: 0] > 10, "\(kind)") }
    for event in ["called", "announced", "ignored", "retrying", "recovering", "cancelled", "tolerated", "incomplete"] {
      #expect(events[event, default: 0] > 5, "\(event): \(events)")
    }
  }

  static func run(_ seed: UInt64) -> SessionRun {
    var random = SeededGenerator(seed: seed)
    var run = SessionRun(plan: RandomPlan.make(seed: seed), session: "s\(seed)")
    run.play((0..<random.below(200)).map { _ in SessionStep.random(&random) }, entersBucket: seed % 8 == 0)
    return run
  }
}
