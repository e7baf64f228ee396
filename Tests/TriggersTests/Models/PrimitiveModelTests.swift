import Dataflow
import Testing

@testable import Triggers

@Suite("Primitives: each against its model")
struct PrimitiveModelTests {
  @Test("Fires when, how often and on what the model says", arguments: PrimitiveKind.allSamples)
  func agrees(primitive: Primitive) {
    Property(seeds: 0..<400) { random in
      Telling.story(&random, length: random.below(80), keysRepeat: primitive.isWorkflowScoped)
    } objections: { story in
      Self.objections(primitive, against: model(of: primitive), Telling.whole(story))
    }.check("\(primitive)")
  }

  @Test("The stories let every kind fire, and some of them be left incomplete")
  func coverage() {
    for primitive in PrimitiveKind.allSamples {
      let firings = (0..<400 as Range<UInt64>).map { seed in
        var random = SeededGenerator(seed: seed)
        let story = Telling.story(&random, length: random.below(80), keysRepeat: primitive.isWorkflowScoped)
        return model(of: primitive).firings(Telling.whole(story)).count
      }
      let isOutOfReach = primitive == .redundant(.init(count: 2_147_483_647, take: 2_147_483_647))
      #expect(firings.contains { $0 > 0 } != isOutOfReach, "\(primitive)")
    }
  }

  @Test("A model that is wrong is noticed, with a story of few tellings")
  func notices() throws {
    let property = Property(seeds: 0..<100) { random in
      Telling.story(&random, length: 60, keysRepeat: false)
    } objections: { story in
      Self.objections(
        .redundant(.init(count: 3, take: 2)), against: RedundantModel(take: 3), Telling.whole(story))
    }
    #expect(try #require(property.counterexample()).steps.count == 2)
  }

  static func objections(
    _ primitive: Primitive, against model: any TriggerModel, _ story: [Telling]
  ) -> [String] {
    var state = PrimitiveState(primitive, sessionTimeout: .seconds(60))
    let place = Dictionary(story.indices.compactMap { index in story[index].handle.map { ($0, index) } }) { $1 }
    var fired: [ModelFiring] = []
    var isIncomplete = false
    for (index, telling) in story.enumerated() {
      if telling.what == .closed { isIncomplete = state.isIncomplete }
      for inputs in state.update(telling.fact, now: telling.at).firings {
        fired.append(ModelFiring(at: index, objects: inputs.map { place[$0.handle] ?? -1 }))
      }
    }
    let expected = model.firings(story)
    var objections: [String] = []
    if fired != expected { objections.append("it fired \(fired), and should have fired \(expected)") }
    if isIncomplete != model.isIncomplete(story) {
      objections.append("it is \(isIncomplete ? "" : "not ")incomplete, against the model")
    }
    return objections
  }
}
