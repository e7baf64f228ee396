import SharedMemory
import Synchronization
import Wire

/// Runs functions for one executor, one at a time: connects, says what it offers, and answers invocations until the
/// sidecar goes; then it begins anew.
final class Worker: Sendable {
  enum Ending: Sendable, Hashable {
    /// The sidecar or the supervisor asked for it.
    case drained
    case disconnected(String)
  }

  private let configuration: HostConfiguration
  private let functions: [String: Function]
  private let names: [String]
  private let draining = Mutex<(isDraining: Bool, isBusy: Bool, connection: SidecarConnection?)>((false, false, nil))

  init(configuration: HostConfiguration, functions: [Function]) {
    self.configuration = configuration
    self.functions = Dictionary(functions.map { ($0.name, $0) }) { first, _ in first }
    names = functions.map(\.name)
  }

  /// Ends `serve` once what runs has finished.
  func drain() {
    let idle = draining.withLock { state in
      state.isDraining = true
      return state.isBusy ? nil : state.connection
    }
    idle?.close()
  }

  var isDraining: Bool { draining.withLock { $0.isDraining } }

  /// Serves connection after connection until drained.
  func run() async {
    var failures = 0
    while !isDraining {
      do {
        let socket = try UnixSocket.connect(path: configuration.socket)
        let (ending, served) = await serve(socket)
        guard case .disconnected(let reason) = ending else { return }
        failures = served > 0 ? 0 : failures + 1
        Console.write("worker \(configuration.slot ?? 0): \(reason); connecting again")
      } catch {
        failures += 1
        // Said at the first failure and then rarely, as a sidecar may take its time to start.
        if failures & (failures - 1) == 0 { Console.write("worker \(configuration.slot ?? 0): \(error); trying again") }
      }
      try? await Task.sleep(for: Backoff.delay(afterFailures: max(failures, 1)))
    }
  }

  /// Serves one connection. Answers how it ended and how many invocations it has served.
  func serve(_ socket: UnixSocket) async -> (Ending, served: Int) {
    let connection = SidecarConnection(socket, spinning: configuration.spinning)
    let loop = WorkerLoop(connection: connection, worker: self, functions: functions)
    // Who was told to drain meanwhile found nothing to close.
    let isDraining = draining.withLock { state in
      state.connection = connection
      return state.isDraining
    }
    defer {
      draining.withLock { $0.connection = nil }
      connection.close()
      loop.stop()
    }
    guard !isDraining else { return (.drained, 0) }
    do {
      try connection.open(
        WorkerFrame.Hello(
          role: .worker, container: configuration.container, slot: configuration.slot ?? 0, functions: names,
          process: configuration.supervisor == nil ? 0 : UInt32(OwnProcess.identifier)))
    } catch {
      return (.disconnected("\(error)"), 0)
    }
    while true {
      // A task that was cancelled for the sake of one handler stays so, and another takes its place.
      await connection.startTask { await loop.run() }.value
      if let ending = await loop.ending { return (ending, await loop.served) }
    }
  }

  /// An invocation has come: whether it may still run.
  func mayBegin() -> Bool {
    draining.withLock { state in
      state.isBusy = !state.isDraining
      return state.isBusy
    }
  }

  /// It is over: whether another may come.
  func mayContinue() -> Bool {
    draining.withLock { state in
      state.isBusy = false
      return !state.isDraining
    }
  }
}
