import SharedMemory
import Testing

@testable import Sidecar

@Suite struct SidecarConfigurationTests {
  private static let environment = [
    "PHEROMONE_SOCKET": "/run/s", "PHEROMONE_COORDINATOR": "c.n.svc:7000", "PHEROMONE_LISTEN": "0.0.0.0:7001",
    "PHEROMONE_NAMESPACE": "n", "PHEROMONE_WORKFLOW": "w", "PHEROMONE_REVISION": "r", "PHEROMONE_POD_NAME": "p",
    "PHEROMONE_POD_UID": "u", "PHEROMONE_SHARED_MEMORY": "1000", "PHEROMONE_DRAIN_TOKEN": "t",
  ]

  @Test func `how long it spins is tuned, and is as it always is otherwise`() throws {
    #expect(try SidecarConfiguration(environment: Self.environment).spinning == SpinSettings())
    let tuned = Self.environment.merging(["PHEROMONE_SPIN_CEILING": "0", "PHEROMONE_SPIN_PERMITS": "0"]) { $1 }
    let spinning = try SidecarConfiguration(environment: tuned).spinning
    #expect(spinning.limits.ceiling == 0 && spinning.permits == 0)
  }

  @Test(arguments: SpinSettings.variables) func `what makes no sense is named`(variable: String) {
    let error = #expect(throws: SpinSettings.Problem.self) {
      try SidecarConfiguration(environment: Self.environment.merging([variable: "often"]) { $1 })
    }
    #expect(error?.description.hasPrefix("\(variable) is \"often\"") == true)
  }
}
