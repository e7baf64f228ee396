import ArgumentParser
import KubernetesAPI
import KubernetesClient

/// `pheromone version`: of this program, and of the coordinator where there is one.
struct VersionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version of this program, and whether a coordinator answers.",
    discussion: """
      With --client nothing is asked. Exit code: 0, also when no coordinator answers.
      """)

  @Flag(help: "Only the version of this program.")
  var client = false

  @OptionGroup var options: CoordinatorOptions

  func run() async throws {
    print("pheromone \(Pheromone.configuration.version)")
    guard !client else { return }
    do {
      try await options.withCoordinator { coordinator in
        let response = try await coordinator.send(
          KubernetesClient.Request(path: "/readyz", limits: .init(connect: .seconds(2), overall: .seconds(5))))
        let server = response.headers["server"] ?? "pheromone-coordinator"
        print("\(server) at \(coordinator.address): \(response.head.isSuccess ? "ready" : "not ready")")
      }
    } catch let failure as CommandFailure {
      print("no coordinator: \(failure.message)")
    } catch {
      print("no coordinator: \(error)")
    }
  }
}
