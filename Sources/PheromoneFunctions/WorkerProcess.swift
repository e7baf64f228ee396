import SharedMemory
import Synchronization

/// The process of one worker: serves on other threads while this one waits for signals.
struct WorkerProcess {
  let configuration: HostConfiguration
  let functions: [Function]

  /// Answers the exit code.
  func run() throws -> Int32 {
    if let supervisor = configuration.supervisor { try OwnProcess.dieWithParent(supervisor) }
    OwnProcess.printByLine()
    let loop = try EventLoop()
    try loop.wakeOnSignals()
    let worker = Worker(configuration: configuration, functions: functions)
    let done = Done()
    Task {
      await worker.run()
      done.set()
      loop.wake()
    }
    var isAsked = false
    while !done.isSet {
      _ = try loop.wait()
      if OwnProcess.isTerminationRequested, !isAsked {
        isAsked = true
        worker.drain()
      }
    }
    return 0
  }
}

/// Set once, from any thread.
private final class Done: Sendable {
  private let value = Mutex(false)
  var isSet: Bool { value.withLock { $0 } }
  func set() { value.withLock { $0 = true } }
}
