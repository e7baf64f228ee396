import Glibc
import SharedMemory

/// What the pod tells a function host by environment variables.
struct HostConfiguration: Sendable, Hashable {
  static let executorLimit = 1024

  var socket: String
  var executors: Int
  var container: String
  /// Which worker this process is; nil for the supervisor.
  var slot: UInt16?
  /// The supervisor's process, for a worker.
  var supervisor: Int32?
  /// How long a worker spins while it waits for the sidecar.
  var spinning: SpinSettings

  init(environment: [String: String]) throws {
    guard let socket = environment["PHEROMONE_SOCKET"], !socket.isEmpty else {
      throw FunctionError(
        """
        this program is a Pheromone function host, and PHEROMONE_SOCKET does not say where its sidecar listens. \
        Run it as a container of a Workflow (kubectl apply -f …; see manifests/examples), or start one \
        locally with `pheromone cluster start`.
        """, isRetryable: false)
    }
    self.socket = socket
    container = environment["PHEROMONE_CONTAINER"] ?? ""
    let executors = environment["PHEROMONE_EXECUTORS"] ?? "1"
    guard let number = Int(executors), (1...Self.executorLimit).contains(number) else {
      throw FunctionError(
        "PHEROMONE_EXECUTORS is \"\(executors)\"; it must be a number from 1 to \(Self.executorLimit)",
        isRetryable: false)
    }
    self.executors = number
    spinning = try SpinSettings(environment: environment)
    if let text = environment["PHEROMONE_SLOT"] {
      let parts = text.split(separator: "@", maxSplits: 1)
      guard let first = parts.first, let slot = UInt16(first) else {
        throw FunctionError("PHEROMONE_SLOT is \"\(text)\"; only the supervisor sets it", isRetryable: false)
      }
      self.slot = slot
      supervisor = parts.count == 2 ? Int32(parts[1]) : nil
    }
  }

  static func processEnvironment() -> [String: String] {
    var environment: [String: String] = [:]
    let names = ["PHEROMONE_SOCKET", "PHEROMONE_EXECUTORS", "PHEROMONE_CONTAINER", "PHEROMONE_SLOT"]
    for name in names + SpinSettings.variables {
      if let value = unsafe getenv(name) { environment[name] = unsafe String(cString: value) }
    }
    return environment
  }
}
