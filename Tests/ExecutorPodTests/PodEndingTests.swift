import Dataflow
import Scheduling
import Testing
import Wire

@testable import ExecutorPod

@Suite("Pod core: how executors end")
struct PodEndingTests {
  /// A worker that ends while it runs the only attempt of session `s`.
  private func bench(
    features: Features = .current, process: UInt32 = 77
  ) -> (bench: PodBench, supervisor: UInt64, worker: UInt64) {
    var bench = PodBench()
    let supervisor = bench.joinSupervisor(features: features)
    let worker = bench.join(process: process)
    bench.start("s")
    return (bench, supervisor, worker)
  }

  private func failure(_ bench: PodBench) -> String? {
    bench.core.describe("s", now: bench.now)?.timeline.first { $0.event == "failed" }?.detail
  }

  private let ended = "the executor died: its process has ended"

  @Test(
    "The attempt fails with the code or signal that the supervisor tells",
    arguments: [
      (WorkerEnding(process: 77, isSignal: false, number: 3), "the executor died: exit code 3; see how"),
      (WorkerEnding(process: 77, isSignal: true, number: 11), "the executor died: signal 11; see how"),
    ])
  func told(ending: WorkerEnding, message: String) throws {
    var (bench, supervisor, worker) = bench()
    bench.die(worker, reason: ended, hasEnded: true)
    #expect(failure(bench) == nil)
    // Somebody else's end is none of its own.
    bench.send(.workerEnded(.init(process: 78, isSignal: true, number: 9)), supervisor)
    #expect(failure(bench) == nil)
    bench.send(.workerEnded(ending), supervisor)
    #expect(failure(bench)?.contains(message) == true, "\(failure(bench) ?? "")")
    #expect(bench.core.bereaved.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("The supervisor may be heard first")
  func toldBefore() throws {
    var (bench, supervisor, worker) = bench()
    bench.send(.workerEnded(.init(process: 77, isSignal: false, number: 3)), supervisor)
    #expect(failure(bench) == nil)
    bench.die(worker, reason: ended, hasEnded: true)
    #expect(failure(bench)?.contains("exit code 3") == true)
    #expect(bench.violations == [])
  }

  @Test("A supervisor that says nothing is waited for no longer than 250 ms")
  func silence() throws {
    var (bench, _, worker) = bench()
    bench.die(worker, reason: ended, hasEnded: true)
    bench.pass(.milliseconds(249))
    #expect(failure(bench) == nil)
    bench.pass(.milliseconds(1))
    #expect(failure(bench)?.contains("its process has ended") == true)
    #expect(bench.core.bereaved.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("Nobody is waited for who does not tell, is gone, or cannot know")
  func nobodyTells() throws {
    var (old, _, one) = bench(features: [.calls])
    old.die(one, reason: ended, hasEnded: true)
    #expect(failure(old) != nil)
    var (unknown, _, two) = bench(process: 0)
    unknown.die(two, reason: ended, hasEnded: true)
    #expect(failure(unknown) != nil)
    // What the sidecar itself ends has a reason of its own.
    var (hanging, _, three) = bench()
    hanging.die(three, reason: "the executor died: it lies")
    #expect(failure(hanging)?.contains("it lies") == true)
    var (gone, supervisor, four) = bench()
    gone.die(four, reason: ended, hasEnded: true)
    gone.die(supervisor, reason: ended, hasEnded: true)
    #expect(failure(gone)?.contains("its process has ended") == true)
    #expect(gone.core.timers.isSet(.endings) == false)
  }

  @Test("A session that ends in the meantime hears no more of it")
  func cancelled() throws {
    var (bench, supervisor, worker) = bench()
    bench.die(worker, reason: ended, hasEnded: true)
    bench.tell(.cancel(session: "s"))
    #expect(bench.delivery("s")?.state == .cancelled)
    bench.send(.workerEnded(.init(process: 77, isSignal: false, number: 3)), supervisor)
    #expect(failure(bench) == nil)
    #expect(bench.core.scheduler.queuedCount == 0)
    #expect(bench.core.attempts.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("A worker that says how another has ended is closed")
  func impostor() throws {
    var (bench, _, worker) = bench()
    bench.send(.workerEnded(.init(process: 77, isSignal: false, number: 3)), worker)
    #expect(bench.closed[worker]?.contains("no supervisor") == true)
  }
}
