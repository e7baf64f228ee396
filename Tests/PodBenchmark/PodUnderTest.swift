import Dataflow
import Foundation
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

  init(_ hosts: [Host], sharedMemory: Int = BenchPlan.plan.sharedMemory, logLevel: String = "warning") throws {
    folder = URL(filePath: "/tmp/pheromone-bench-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let coordinator = folder.appending(path: "coordinator").path
    let socket = folder.appending(path: "sidecar").path
    let listener = try DriverLink.Listener(path: coordinator)
    sidecar = try Program.start(
      "pheromone-sidecar", ["--log-level", logLevel],
      [
        "PHEROMONE_SOCKET": socket, "PHEROMONE_COORDINATOR": "unix:\(coordinator)",
        "PHEROMONE_LISTEN": "127.0.0.1:\(Self.freePort())", "PHEROMONE_NAMESPACE": "bench",
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
    try link.register()
    try link.waitUntilReady(executors: hosts.map(\.executors).reduce(0, +))
  }

  /// Ends all processes and waits for them.
  func stop() {
    for process in hosts + [sidecar] where process.isRunning { process.terminate() }
    for process in hosts + [sidecar] { process.waitUntilExit() }
    try? FileManager.default.removeItem(at: folder)
  }

  var sidecarProcess: Int32 { sidecar.processIdentifier }

  /// The sidecar, the hosts and their workers.
  var processes: [Int32] {
    let parents = [sidecar.processIdentifier] + hosts.map(\.processIdentifier)
    return parents + parents.flatMap(ProcessFigures.children(of:))
  }

  /// Runs one session and answers its outputs by their names.
  func run(_ function: String, _ payload: [UInt8]) throws -> [String: [UInt8]] {
    try link.start(function, payload)
    let result = try link.nextResult()
    guard result.state == .succeeded else { throw BenchError("\(function) \(result.state.name): \(result.message)") }
    return Dictionary(uniqueKeysWithValues: result.outputs.map { ($0.name, $0.bytes) })
  }

  /// A port that nobody listens at now.
  private static func freePort() -> Int {
    (20_000..<30_000).shuffled().first { port in
      let probe = Process()
      probe.executableURL = URL(filePath: "/bin/bash")
      probe.arguments = ["-c", "! (exec 3<>/dev/tcp/127.0.0.1/\(port)) 2>/dev/null"]
      guard (try? probe.run()) != nil else { return false }
      probe.waitUntilExit()
      return probe.terminationStatus == 0
    } ?? 20_000
  }
}

/// Why a figure could not be taken.
struct BenchError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
