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
    let connection = SidecarConnection(socket)
    draining.withLock { $0.connection = connection }
    defer {
      draining.withLock { $0.connection = nil }
      connection.close()
    }
    var served = 0
    do {
      try connection.send(
        .hello(
          WorkerFrame.Hello(
            role: .worker, container: configuration.container, slot: configuration.slot ?? 0, functions: names)))
    } catch {
      return (.disconnected("\(error)"), served)
    }
    connection.startReading()
    for await event in connection.events {
      switch event {
      case .closed(let reason): return (isDraining ? .drained : .disconnected(reason), served)
      case .drain:
        drain()
        return (.drained, served)
      case .invoke(let invoke):
        let mayRun = draining.withLock { state in
          state.isBusy = !state.isDraining
          return state.isBusy
        }
        guard mayRun else { return (.drained, served) }
        let finished = await answer(invoke, on: connection)
        served += 1
        let isDraining = draining.withLock { state in
          state.isBusy = false
          return state.isDraining
        }
        do { try connection.send(.finished(finished)) } catch { return (.disconnected("\(error)"), served) }
        if isDraining { return (.drained, served) }
      }
    }
    return (.disconnected("the connection has ended"), served)
  }

  private func answer(_ invoke: SidecarFrame.Invoke, on connection: SidecarConnection) async -> WorkerFrame.Finished {
    let memory = connection.memory
    guard let function = functions[invoke.function] else {
      let message = "this program has no function \"\(invoke.function)\"; it has \(names.joined(separator: ", "))"
      return .init(invocation: invoke.invocation, result: .failed(message: message, isRetryable: false))
    }
    memory.attemptBegins()
    let attempt = Attempt(invoke, memory: memory, features: connection.features)
    let result = await connection.run(attempt) {
      let inputs = try invoke.inputs.map { try memory.view($0) }
      try await function.body(FunctionContext(attempt: attempt, inputs: Inputs(inputs)))
    }
    let transaction = attempt.close()
    switch result {
    case .success: return .init(invocation: invoke.invocation, result: .committed(transaction))
    case .failure(let error):
      memory.rollBack(attempt)
      let known = error as? FunctionError
      return .init(
        invocation: invoke.invocation,
        result: .failed(message: Self.bounded("\(error)"), isRetryable: known?.isRetryable ?? true))
    }
  }

  /// A message that no error can make too long for a frame.
  private static func bounded(_ message: String) -> String {
    message.utf8.count <= 4096 ? message : String(message.prefix(1024)) + "…"
  }
}
