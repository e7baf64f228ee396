import FoundationEssentials
import Glibc
import KubernetesClient
import Logging
import NodeAgent
import Posix
import ServiceLifecycle
import Synchronization

/// A program that belongs to the cluster and runs as a child process.
struct ClusterComponent: Sendable {
  var name: String
  var executable: String
  var arguments: [String]

  static func standard(programs: Programs, ports: ClusterRecord.Ports, kubeconfig: String) -> [ClusterComponent] {
    let common = ["--kubeconfig", kubeconfig, "--namespace", "pheromone-system"]
    return [
      ClusterComponent(
        name: "coordinator", executable: programs.coordinator,
        arguments: common + [
          "--listen", "127.0.0.1:\(ports.ingress)", "--link-listen", "127.0.0.1:\(ports.link)",
        ]),
      ClusterComponent(
        name: "controller", executable: programs.controller,
        // Alone here, it need not wait for the lease of one that was killed.
        arguments: common + [
          "--coordinator", "127.0.0.1:\(ports.link)", "--coordinator-url", "http://127.0.0.1:\(ports.ingress)",
          "--listen", "127.0.0.1:\(ports.controller)", "--no-leader-elect",
        ]),
    ]
  }
}

/// Keeps the components running: each is started again when it ends, with back-off.
///
/// | restart after | 1st | 2nd | 3rd | 4th | 5th | 6th and later |
/// |---|---|---|---|---|---|---|
/// | waits | 0.25 s | 0.5 s | 1 s | 2 s | 4 s | 5 s |
///
/// One that ran for 30 s begins anew.
final class ComponentSupervisor: Service {
  private static let backOff = RestartBackOff(
    base: .milliseconds(250), limit: .seconds(5), resetAfter: .seconds(30))
  private static let stopGrace = Duration.seconds(5)
  private static let logLimit: UInt64 = 10 << 20

  private let components: [ClusterComponent]
  private let files: ClusterFiles
  private let record: Mutex<ClusterRecord>
  private let bootstrap: ClusterBootstrap
  private let logger: Logger

  init(
    components: [ClusterComponent], files: ClusterFiles, record: ClusterRecord, bootstrap: ClusterBootstrap,
    logger: Logger
  ) {
    self.components = components
    self.files = files
    self.record = Mutex(record)
    self.bootstrap = bootstrap
    self.logger = logger
    self.record.withLock { record in
      for component in components { record.components[component.name] = .init() }
    }
  }

  func run() async throws {
    write()
    try await prepareCluster()
    let ledger = try ProcessLedger(folder: files.components)
    ledger.endLeftovers()
    let processes = ProcessTable(ledger: ledger)
    defer { for process in processes.running { processes.signal(process.pid, SIGKILL) } }
    await withDiscardingTaskGroup { group in
      for component in components { group.addTask { await self.supervise(component, processes) } }
      group.addTask { try? await gracefulShutdown() }
    }
  }

  private func prepareCluster() async throws {
    var wait = Duration.milliseconds(50)
    while !Task.isShuttingDownGracefully {
      do {
        try await bootstrap.run()
        return
      } catch let error as KubernetesError where error.isUnreachable {
        try await Task.sleep(for: wait)
        wait = min(wait * 2, .seconds(1))
      }
    }
  }

  private func supervise(_ component: ClusterComponent, _ processes: ProcessTable) async {
    var failures = 0
    while !Task.isShuttingDownGracefully, !Task.isCancelled {
      let begun = ContinuousClock.now
      await runOnce(component, processes)
      if Task.isShuttingDownGracefully || Task.isCancelled { return }
      if ContinuousClock.now - begun >= Self.backOff.resetAfter { failures = 0 }
      failures += 1
      note(component.name) { $0.restarts += 1 }
      let wait = Self.backOff.delay(afterFailures: failures)
      await cancelWhenGracefulShutdown { try? await Task.sleep(for: wait) }
    }
  }

  /// One life of a component: until it ends by itself, or has been told to.
  private func runOnce(_ component: ClusterComponent, _ processes: ProcessTable) async {
    let path = files.log(component.name)
    rotate(path)
    let (ends, end) = AsyncStream.makeStream(of: ProcessExit.self, bufferingPolicy: .bufferingNewest(1))
    let process: ProcessIdentity
    do {
      process = try processes.start(
        ProcessSpecification(
          executable: component.executable, arguments: component.arguments,
          environment: ProcessInfo.processInfo.environment, workingDirectory: files.directory),
        output: .file(path: path)
      ) { exit in
        end.yield(exit)
        end.finish()
      }
    } catch {
      logger.error("cannot start a component", metadata: ["component": .string(component.name), "error": "\(error)"])
      return
    }
    note(component.name) { component in
      component.pid = process.pid
      component.startTime = process.startTime
    }
    logger.info("component started", metadata: ["component": .string(component.name), "pid": "\(process.pid)"])
    await withGracefulShutdownHandler {
      await withTaskCancellationHandler {
        let exit = await Self.first(of: ends)
        logger.notice(
          "component ended",
          metadata: ["component": .string(component.name), "exit": "\(exit.map { "\($0)" } ?? "cancelled")"])
      } onCancel: {
        processes.signal(process.pid, SIGKILL)
      }
    } onGracefulShutdown: {
      processes.signal(process.pid, SIGTERM, wholeGroup: false)
      Task {
        try? await Task.sleep(for: Self.stopGrace)
        processes.signal(process.pid, SIGKILL)
      }
    }
    note(component.name) { component in
      component.pid = nil
      component.startTime = nil
    }
  }

  private static func first(of ends: AsyncStream<ProcessExit>) async -> ProcessExit? {
    for await exit in ends { return exit }
    return nil
  }

  private func note(_ name: String, _ change: (inout ClusterRecord.Component) -> Void) {
    record.withLock { change(&$0.components[name, default: .init()]) }
    write()
  }

  private func write() {
    do {
      try record.withLock { try $0.write(to: files.record) }
    } catch {
      logger.error("cannot write the cluster's record", metadata: ["error": "\(error)"])
    }
  }

  /// A log grows only while its component lives; at each start a large one makes room.
  private func rotate(_ path: String) {
    guard let size = try? OpenFile(reading: path).size(), size > Self.logLimit else { return }
    unsafe rename(path, path + ".1")
  }
}
