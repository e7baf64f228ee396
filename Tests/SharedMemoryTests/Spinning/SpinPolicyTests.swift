import Testing

@testable import SharedMemory

@Suite struct SpinPolicyTests {
  /// The table of the documentation, in nanoseconds.
  @Test(
    arguments: [
      (0, 5000), (1000, 5000), (2500, 5000), (4000, 8000), (10_000, 20_000), (25_000, 50_000), (40_000, 50_000),
      (50_000, 50_000), (51_000, 0), (1_000_000, 0),
    ] as [(Int64, Int64)])
  func budgets(median: Int64, budget: Int64) {
    var policy = SpinPolicy()
    for _ in 0..<9 { policy.waited(median, hasSlept: false) }
    #expect(policy.budget == budget)
  }

  @Test func aNewSideSpinsAsLongAsItMay() { #expect(SpinPolicy().budget == 50_000) }

  @Test func onePauseChangesNothingAndFiveInARowDo() {
    var policy = SpinPolicy()
    for _ in 0..<9 { policy.waited(0, hasSlept: false) }
    for pause in 1...5 {
      policy.waited(1_000_000_000, hasSlept: true)
      #expect(policy.budget == (pause < 5 ? 5000 : 0))
    }
    // And five short ones after that, each found asleep, begin the spinning again.
    for wait in 1...5 {
      policy.waited(45_000, hasSlept: true)
      #expect(policy.budget == (wait < 5 ? 0 : 40_000))
    }
  }

  @Test func limitsAreTuned() {
    var policy = SpinPolicy(limits: .init(ceiling: 1000, floor: 0, wakeCost: 0))
    for _ in 0..<9 { policy.waited(300, hasSlept: true) }
    #expect(policy.budget == 600)
    for _ in 0..<9 { policy.waited(1001, hasSlept: true) }
    #expect(policy.budget == 0)
  }
}
