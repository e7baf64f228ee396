import Dataflow
import Testing

@testable import Triggers

@Suite("Primitives: what all of them keep to")
struct PrimitiveConformanceTests {
  @Test("Each kind of primitive has samples of its own")
  func complete() {
    for kind in PrimitiveKind.allCases {
      #expect(!kind.samples.isEmpty)
      #expect(kind.samples.allSatisfy { PrimitiveKind($0) == kind })
    }
  }

  @Test("Whatever it is told, in any order", arguments: PrimitiveKind.allSamples)
  func conforms(primitive: Primitive) {
    Property(seeds: 0..<300) { random in
      Telling.story(&random, length: random.below(60), keysRepeat: random.below(4) == 0)
    } objections: { story in
      PrimitiveConformance.objections(to: primitive, told: Telling.whole(story))
    }.check("\(primitive)")
  }

  @Test("A story that ends in the middle leaves it with a count that agrees", arguments: PrimitiveKind.allSamples)
  func unfinished(primitive: Primitive) {
    Property(seeds: 0..<50) { random in
      Telling.story(&random, length: 40, keysRepeat: false)
    } objections: { story in
      PrimitiveConformance.objections(to: primitive, told: story)
    }.check("\(primitive)")
  }
}
