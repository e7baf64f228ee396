import SharedMemory
import Wire

/// Takes one invocation after the other and runs its handler, all on one thread: no other has to be woken between the
/// sidecar's word and the handler's first step. A handler may suspend, and comes back to the thread.
actor WorkerLoop {
  /// Set once it is over.
  private(set) var ending: Worker.Ending?
  private(set) var served = 0
  private let connection: SidecarConnection
  private let worker: Worker
  private let functions: [String: Function]
  private let thread = ThreadExecutor(label: "pheromone.loop")

  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

  init(connection: SidecarConnection, worker: Worker, functions: [String: Function]) {
    self.connection = connection
    self.worker = worker
    self.functions = functions
  }

  nonisolated func stop() { thread.stop() }

  /// Runs until the connection is over, or until the current task was cancelled with a handler.
  func run() async {
    while ending == nil, connection.mayGoOn {
      do {
        try await follow(connection.inlet.next())
      } catch {
        ending = .disconnected("\(error)")
      }
    }
  }

  private func follow(_ event: WorkInlet.Event) async throws {
    switch event {
    case .closed(let reason): ending = worker.isDraining ? .drained : .disconnected(reason)
    case .drain:
      worker.drain()
      ending = .drained
    case .invoke(let invoke):
      guard worker.mayBegin() else { return ending = .drained }
      try await serve(invoke)
    }
  }

  /// Runs an invocation, and then those that simply follow, as long as the run may go on. A loop, so that a chain of any
  /// length takes one stack; and each report is in the ring before the next handler begins.
  private func serve(_ first: SidecarFrame.Invoke) async throws {
    var invoke = first
    var run = InlineRun(connection.continuations(first.continuations))
    while true {
      var finished = await answer(invoke)
      served += 1
      if let next = run.next(after: invoke, finished), functions[next.function] != nil, mayGoOn(after: invoke) {
        finished.continues = true
        if try connection.trySend(.finished(finished)) {
          invoke = next
          continue
        }
        finished.continues = false
      }
      let mayContinue = worker.mayContinue()
      try connection.send(.finished(finished))
      if !mayContinue { ending = .drained }
      return
    }
  }

  private func mayGoOn(after invoke: SidecarFrame.Invoke) -> Bool {
    connection.mayGoOn && !connection.inlet.isYieldRequested && !worker.isDraining
      && !connection.memory.hasGivenUp(in: invoke.invocation)
  }

  private func answer(_ invoke: SidecarFrame.Invoke) async -> WorkerFrame.Finished {
    guard let function = functions[invoke.function] else {
      let names = functions.keys.sorted().joined(separator: ", ")
      let message = "this program has no function \"\(invoke.function)\"; it has \(names)"
      return .init(invocation: invoke.invocation, result: .failed(message: message, isRetryable: false))
    }
    let memory = connection.memory
    memory.attemptBegins()
    let attempt = Attempt(invoke, memory: memory, features: connection.features)
    connection.began(attempt)
    let result: Result<Void, any Error>
    do {
      let inputs = Inputs(try invoke.inputs.map { try memory.view($0) })
      result = .success(try await function.body(FunctionContext(attempt: attempt, inputs: inputs)))
    } catch {
      result = .failure(error)
    }
    connection.ended(attempt)
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
