import Testing

@testable import SharedMemory

@Suite struct SpinSettingsTests {
  @Test func withoutVariablesTheStandardHolds() throws {
    let settings = try SpinSettings(environment: ["PHEROMONE_SPIN_FLOOR": ""])
    #expect(settings == SpinSettings())
    #expect(settings.limits == SpinPolicy.Limits())
    #expect(settings.permits(of: ProcessorBudget(processors: 8, quota: nil)) == 7)
  }

  @Test func variablesAreMicrosecondsAndPermits() throws {
    let settings = try SpinSettings(environment: [
      "PHEROMONE_SPIN_CEILING": "200", "PHEROMONE_SPIN_FLOOR": "0", "PHEROMONE_SPIN_WAKE_COST": "7",
      "PHEROMONE_SPIN_PERMITS": "2",
    ])
    #expect(settings.limits == .init(ceiling: 200_000, floor: 0, wakeCost: 7000))
    #expect(settings.permits(of: ProcessorBudget(processors: 8, quota: nil)) == 2)
    // What the processors allow stays the bound.
    #expect(settings.permits(of: ProcessorBudget(processors: 8, quota: 2)) == 1)
  }

  @Test func aLowCeilingTakesTheFloorAlong() throws {
    let settings = try SpinSettings(environment: ["PHEROMONE_SPIN_CEILING": "3"])
    #expect(settings.limits.floor == 3000)
  }

  @Test func withACeilingOfZeroNobodySpins() throws {
    let settings = try SpinSettings(environment: ["PHEROMONE_SPIN_CEILING": "0"])
    var policy = SpinPolicy(limits: settings.limits)
    #expect(policy.budget == 0 && policy.isOff)
    for _ in 0..<9 { policy.waited(0, hasSlept: false) }
    #expect(policy.budget == 0)
    #expect(!SpinPolicy().isOff)
  }

  @Test(
    arguments: [
      (["PHEROMONE_SPIN_CEILING": "1001"], "from 0 to 1000"), (["PHEROMONE_SPIN_CEILING": "-1"], "is \"-1\""),
      (["PHEROMONE_SPIN_CEILING": "50us"], "is \"50us\""), (["PHEROMONE_SPIN_FLOOR": "51"], "PHEROMONE_SPIN_CEILING"),
      (["PHEROMONE_SPIN_CEILING": "10", "PHEROMONE_SPIN_FLOOR": "11"], "from 0 to 10 "),
      (["PHEROMONE_SPIN_WAKE_COST": "x"], "PHEROMONE_SPIN_WAKE_COST"),
      (["PHEROMONE_SPIN_PERMITS": "1.5"], "from 0 to 1024"),
    ] as [([String: String], String)])
  func whatMakesNoSenseIsNamed(environment: [String: String], reason: String) {
    let problem = #expect(throws: SpinSettings.Problem.self) { try SpinSettings(environment: environment) }
    #expect(problem?.description.contains(reason) == true, "\(String(describing: problem))")
  }

  @Test func allVariablesAreListed() {
    for name in SpinSettings.variables {
      #expect(throws: SpinSettings.Problem.self) { try SpinSettings(environment: [name: "?"]) }
    }
  }
}
