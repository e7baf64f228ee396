import Dispatch
import Synchronization

/// Runs the jobs of one actor on a thread that does nothing else, and may be blocked by them.
final class ThreadExecutor: SerialExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var isStopped = false
  }

  private let state = Mutex(State())
  private let arrived = DispatchSemaphore(value: 0)

  init(label: String) { DispatchQueue(label: label).async { self.run() } }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    state.withLock { $0.jobs.append(job) }
    arrived.signal()
  }

  /// The thread ends once it has run what it was given.
  func stop() {
    state.withLock { $0.isStopped = true }
    arrived.signal()
  }

  private func run() {
    while true {
      arrived.wait()
      let (job, isStopped) = state.withLock { state in
        (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isStopped)
      }
      if let job {
        // The runtime keeps a job that was enqueued alive until it has run.
        unsafe job.runSynchronously(on: asUnownedSerialExecutor())
      } else if isStopped {
        return
      }
    }
  }
}
