import Testing

@Suite("Properties: finding a short list of steps")
struct PropertyTests {
  @Test("What contradicts is cut down to what is needed, in its order")
  func shortens() throws {
    // Wrong whenever a 7 stands somewhere before a 3.
    let property = Property(seeds: 0..<20) { random in
      (0..<200).map { _ in random.below(10) }
    } objections: { steps in
      steps.firstIndex(of: 7).map { steps[$0...].contains(3) } == true ? ["7 before 3"] : []
    }
    let found = try #require(property.counterexample())
    #expect(found.steps == [7, 3])
    #expect(found.objections == ["7 before 3"])
  }

  @Test("What holds is tried on every seed")
  func holds() {
    var tried = 0
    let property = Property(seeds: 0..<20) { random in
      tried += 1
      return [random.below(10)]
    } objections: {
      $0.contains(10) ? ["10"] : []
    }
    #expect(property.counterexample() == nil)
    #expect(tried == 20)
  }
}
