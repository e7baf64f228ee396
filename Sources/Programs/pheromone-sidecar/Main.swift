import ArgumentParser
import FoundationEssentials
import Logging
import ProgramLog
import ServiceLifecycle
import Sidecar
import UnixSignals

@main
struct PheromoneSidecar: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pheromone-sidecar",
    abstract: "Runs sessions inside one executor pod: triggers, local scheduling and objects in shared memory.",
    discussion: """
      pheromone-controller adds this program to every executor pod and configures it by the environment:

        PHEROMONE_SOCKET          Unix socket at which executors register
        PHEROMONE_COORDINATOR     host:port that it dials, or unix: and the path of a socket
        PHEROMONE_LISTEN          host:port for probes, drain hooks and metrics
        PHEROMONE_NAMESPACE, PHEROMONE_WORKFLOW, PHEROMONE_REVISION,
        PHEROMONE_POD_NAME, PHEROMONE_POD_UID
                                  who it is
        PHEROMONE_SHARED_MEMORY   object memory in bytes
        PHEROMONE_DRAIN_TOKEN     what a preStop hook has to send
        PHEROMONE_GRACE           the pod's termination grace in seconds (60)
        PHEROMONE_LOG_LEVEL, PHEROMONE_LOG_FORMAT
                                  what --log-level and --log-format say otherwise
        PHEROMONE_SPIN_CEILING, PHEROMONE_SPIN_FLOOR, PHEROMONE_SPIN_WAKE_COST
                                  the longest and the shortest time to spin before sleeping, and what it costs to
                                  wake who sleeps, in microseconds (50, 5, 25); function hosts know them too
        PHEROMONE_SPIN_PERMITS    the most that spin while idle (one less than the processors that may be used)

      Exit codes: 0 after a graceful stop, 1 on an error, 64 for wrong arguments.
      """)

  @OptionGroup var log: LogOptions

  func run() async throws {
    let logger = log.bootstrap("pheromone-sidecar")
    let configuration = try SidecarConfiguration(environment: ProcessInfo.processInfo.environment)
    let service = SidecarService(sidecar: Sidecar(configuration, logger: logger))
    let group = ServiceGroup(
      configuration: .init(
        services: [.init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
    try await group.run()
  }
}

private struct SidecarService: Service {
  let sidecar: Sidecar

  func run() async throws { try await sidecar.run() }
}
