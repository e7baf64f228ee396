import Testing

@testable import Triggers

@Suite("Runs of indices")
struct IndexRunsTests {
  @Test("They are the same as a set, whatever the order, and as few as can be", arguments: 0..<200 as Range<UInt64>)
  func agrees(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var runs = IndexRuns()
    var set: Set<Int> = []
    for _ in 0..<random.below(60) {
      let index = 1 + random.below(30)
      let before = runs.count
      #expect(runs.contains(index) == set.contains(index))
      #expect(runs.insert(index) == runs.count - before)
      set.insert(index)
      #expect(runs.runs.flatMap(Array.init) == set.sorted())
      #expect(runs.count == set.count { !set.contains($0 - 1) })
    }
  }

  @Test("The largest index is one like others")
  func largest() {
    var runs = IndexRuns()
    #expect(runs.insert(.max) == 1 && runs.insert(.max - 1) == 0 && runs.insert(.max) == 0)
    #expect(runs.runs == [.max - 1 ... .max])
  }
}
