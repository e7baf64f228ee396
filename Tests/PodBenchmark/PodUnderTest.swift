import Dataflow
import Foundation
import Measures
import SharedMemory
import Wire

/// A real sidecar and real function hosts, with this program as their coordinator. They end with it.
final class PodUnderTest {
  /// A program that offers functions: which (all without a name), and in how many executors.
  struct Host {
    var functions: [String] = []
    var executors = 1
  }

  let folder: URL
  let link: DriverLink
  private let sidecar: Process
  private let hosts: [Process]

  init(_ hosts: [Host], sharedMemory: Int = 1 << 30, isInline: Bool = false) throws {
    folder = URL(filePath: "/tmp/pheromone-bench-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let coordinator = folder.appending(path: "coordinator").path
    let socket = folder.appending(path: "sidecar").path
    let listener = try DriverLink.Listener(path: coordinator)
    sidecar = try Program.start(
      "pheromone-sidecar", ["--log-level", "warning"],
      [
        "PHEROMONE_SOCKET": socket, "PHEROMONE_COORDINATOR": "unix:\(coordinator)",
        "PHEROMONE_LISTEN": "127.0.0.1:\(FreePorts.first())", "PHEROMONE_NAMESPACE": "bench",
        "PHEROMONE_WORKFLOW": BenchPlan.workflow, "PHEROMONE_REVISION": "1", "PHEROMONE_POD_NAME": "bench",
        "PHEROMONE_POD_UID": UUID().uuidString, "PHEROMONE_SHARED_MEMORY": "\(sharedMemory)",
        "PHEROMONE_DRAIN_TOKEN": UUID().uuidString,
      ])
    link = try listener.accept()
    self.hosts = try hosts.enumerated().map { index, host in
      try Program.start(
        "pheromone-bench", [],
        [
          "PHEROMONE_SOCKET": socket, "PHEROMONE_EXECUTORS": "\(host.executors)",
          "PHEROMONE_CONTAINER": "host-\(index)", BenchHost.choice: host.functions.joined(separator: ","),
        ])
    }
    try link.register(BenchPlan.plan(sharedMemory: sharedMemory, isInline: isInline))
    let executors = UInt32(hosts.map(\.executors).reduce(0, +))
    try link.waitForLoad { $0.missingFunctions.isEmpty && $0.executors >= executors }
  }

  /// Ends all processes and waits for them; the hosts first, which would miss their sidecar.
  func stop() {
    for process in hosts where process.isRunning { process.terminate() }
    for process in hosts { process.waitUntilExit() }
    sidecar.terminate()
    sidecar.waitUntilExit()
    try? FileManager.default.removeItem(at: folder)
  }

  var sidecarProcess: Int32 { sidecar.processIdentifier }

  /// The hosts and their workers.
  var executorProcesses: [Int32] {
    let parents = hosts.map(\.processIdentifier)
    return parents + parents.flatMap(ProcessFigures.children(of:))
  }

  /// Runs one session and answers its outputs by their names.
  func run(_ function: String, _ payload: [UInt8]) throws -> [String: [UInt8]] {
    try link.start(function, payload)
    let result = try link.nextResult()
    guard result.state == .succeeded else { throw BenchError("\(function) \(result.state.name): \(result.message)") }
    return Dictionary(uniqueKeysWithValues: result.outputs.map { ($0.name, $0.bytes) })
  }
}

extension [PodUnderTest.Host] {
  /// Two processes: what `ping` puts goes to the other one.
  static func split() -> Self {
    let own = ["start", "ping"]
    return [.init(functions: own), .init(functions: BenchPlan.functions.map(\.name).filter { !own.contains($0) })]
  }
}

/// Why a figure could not be taken.
struct BenchError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
