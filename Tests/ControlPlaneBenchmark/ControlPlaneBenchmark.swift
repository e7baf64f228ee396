import ArgumentParser
import Foundation
import KubernetesClient
import Measures

/// What the controller costs at scale: how long it takes many workflows to become ready, compared with what the API
/// server needs for the same writes alone, and what is asked and used when nothing changes.
@main
struct ControlPlaneBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "control-plane-benchmark",
    abstract: "Measures the controller with many workflows, whose pods are simulated.",
    discussion: """
      A local API server and nodes that answer for every pod at once run in this process, the controller in its own. The \
      same writes are then made again without a controller, by as many clients as there were.

      Fails when the controller uses more memory than it may, or asks anything of the API server while nothing changes.
      """)

  @Option(help: ArgumentHelp("How many workflows.", valueName: "n"))
  var workflows = 1000

  @Option(help: ArgumentHelp("How many pods each of them has.", valueName: "n"))
  var replicas = 5

  @Option(help: ArgumentHelp("For how long it is watched while nothing changes.", valueName: "seconds"))
  var quiet = 20

  @Flag(help: "Print the measurements as JSON.")
  var json = false

  func validate() throws {
    guard (1...20_000).contains(workflows) else { throw ValidationError("--workflows has to be from 1 to 20000") }
    guard (0...100).contains(replicas) else { throw ValidationError("--replicas has to be from 0 to 100") }
    guard (1...3600).contains(quiet) else { throw ValidationError("--quiet has to be from 1 to 3600") }
  }

  func run() async throws {
    let scene = Scene(workflows: workflows, replicas: replicas)
    var figures = ControlPlaneFigures(scene: scene)
    let state = try await BenchCluster.with { cluster in
      try await withController(of: cluster) { controller in
        try await measure(cluster, controller, scene, &figures)
      }
    }
    Self.note("The same writes without a controller …")
    figures.alone = try await BenchCluster.with { cluster in try await state.replay(on: cluster) }
    print(json ? try figures.json : figures.table)
    for excess in figures.excesses { Self.note(excess) }
    if !figures.excesses.isEmpty { throw ExitCode(1) }
  }

  /// Applies everything, waits until all is ready, then watches what is done while nothing changes.
  private func measure(
    _ cluster: BenchCluster, _ controller: ControllerProcess, _ scene: Scene, _ figures: inout ControlPlaneFigures
  ) async throws -> RecordedState {
    Self.note("\(scene.workflows) workflows with \(scene.workflows * scene.replicas) pods …")
    try await cluster.createNamespaces(scene)
    let start = ContinuousClock.now
    async let ready: Void = cluster.waitUntilReady(scene.workflows)
    try await cluster.inLanes(0..<scene.workflows) { number in
      for (object, type) in scene.documents(number) {
        _ = try await cluster.client.apply(object, type, fieldManager: "kubectl")
      }
    }
    try await ready
    figures.together = ContinuousClock.now - start
    try await cluster.waitUntilQuiet()
    let before = try cluster.requests()
    figures.requests = before
    figures.memory = controller.memory
    Self.note("Nothing changes for \(quiet) s …")
    let used = controller.processorTime
    // sleep: what is used in this time is what is measured.
    try await Task.sleep(for: .seconds(quiet))
    figures.idleShare = (controller.processorTime - used) / Double(quiet)
    figures.idleRequests = try cluster.requests().byController - before.byController
    return try await RecordedState(cluster, before, scene)
  }

  private func withController<Value: Sendable>(
    of cluster: BenchCluster, _ body: (ControllerProcess) async throws -> Value
  ) async throws -> Value {
    let controller = try await ControllerProcess(kubeconfig: cluster.kubeconfig)
    defer { controller.end() }
    return try await body(controller)
  }

  private static func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}
