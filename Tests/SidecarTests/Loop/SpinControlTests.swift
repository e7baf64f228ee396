import SharedMemory
import Testing

@testable import Sidecar

@Suite struct SpinControlTests {
  private static func control(processors: Int) -> SpinControl {
    SpinControl(budget: ProcessorBudget(processors: processors, quota: nil))
  }

  @Test func `on two processors the worker that became idle last may spin, until the loop expects a report`() {
    var control = Self.control(processors: 2)
    #expect(control.workerBecameIdle(2).granted == 2)
    let second = control.workerBecameIdle(4)
    #expect(second.revoked == 2 && second.granted == 4)
    // The second is given something: its permit stays, and the loop takes the only one there is.
    _ = control.workerBecomesBusy(4)
    #expect(control.loopBecameIdle(isExpecting: true).granted == nil)
    #expect(control.spin(besideWorker: false) { true })
    // It reports, and is the one to spin again; the first never is, meanwhile.
    let change = control.workerBecameIdle(4)
    #expect(change.granted == 4 && change.revoked != 4)
  }

  @Test func `while one works, an idle one must not spin beside the loop`() {
    var control = Self.control(processors: 2)
    _ = control.workerBecameIdle(2)
    _ = control.workerBecomesBusy(2)
    #expect(control.workerBecameIdle(4).granted == 4)
    #expect(control.loopBecameIdle(isExpecting: true).revoked == 4)
  }

  @Test func `a loop that expects nothing does not spin`() {
    var control = Self.control(processors: 8)
    #expect(control.loopBecameIdle(isExpecting: false) == .none)
    #expect(!control.spin(besideWorker: false) { true })
  }

  @Test func `on one processor nobody spins`() {
    var control = Self.control(processors: 1)
    #expect(control.workerBecameIdle(2) == .none)
    _ = control.workerBecomesBusy(2)
    #expect(control.loopBecameIdle(isExpecting: true) == .none)
    #expect(!control.spin(besideWorker: false) { true })
  }

  @Test(arguments: [0, 1]) func `settings lower the permits`(permits: Int) {
    let budget = ProcessorBudget(processors: 8, quota: nil)
    var control = SpinControl(budget: budget, settings: SpinSettings(permits: permits))
    #expect(control.workerBecameIdle(2).granted == (permits == 0 ? nil : 2))
    #expect(control.workerBecameIdle(4).revoked == (permits == 0 ? nil : 2))
  }

  @Test func `a ceiling of zero keeps the loop from spinning`() {
    let limits = SpinPolicy.Limits(ceiling: 0, floor: 0)
    var control = SpinControl(
      budget: ProcessorBudget(processors: 8, quota: nil), settings: SpinSettings(limits: limits))
    _ = control.loopBecameIdle(isExpecting: true)
    #expect(!control.spin(besideWorker: false) { true })
  }

  @Test func `a quota below two processors permits nobody`() {
    var control = SpinControl(budget: ProcessorBudget(processors: 8, quota: 1.9))
    #expect(control.workerBecameIdle(2) == .none)
    #expect(control.loopBecameIdle(isExpecting: true) == .none)
    #expect(!control.spin(besideWorker: false) { true })
  }

  @Test func `the permit of a worker that left goes to another`() {
    var control = Self.control(processors: 2)
    _ = control.workerBecameIdle(2)
    _ = control.workerBecameIdle(4)
    #expect(control.workerLeft(4).granted == 2)
  }

  @Test func `spinning ends when nothing comes`() {
    var control = Self.control(processors: 2)
    _ = control.workerBecameIdle(2)
    _ = control.workerBecomesBusy(2)
    _ = control.loopBecameIdle(isExpecting: true)
    var looks = 0
    #expect(
      !control.spin(besideWorker: false) {
        looks += 1
        return false
      })
    #expect(looks > 0)
  }

  @Test(arguments: [false, true], [false, true])
  func `a loop does not spin where the worker has to wake that it waits for`(wasAsleep: Bool, isShared: Bool) {
    var control = Self.control(processors: 2)
    _ = control.workerBecameIdle(2)
    _ = control.workerBecomesBusy(2)
    if wasAsleep { control.workerWasAsleep() }
    #expect(control.expected == 2)
    _ = control.loopBecameIdle(isExpecting: true)
    let hasWork = control.spin(besideWorker: isShared) { true }
    #expect(hasWork != (wasAsleep && isShared))
  }

  @Test func `a loop that is always woken beside its worker goes elsewhere, until it expects nothing`() {
    var control = Self.control(processors: 2)
    var leaves: [Bool] = []
    for _ in 0..<4 {
      _ = control.workerBecomesBusy(2)
      control.workerWasAsleep()
      _ = control.loopBecameIdle(isExpecting: true)
      leaves.append(control.loopBecameBusy(besideWorker: true))
    }
    #expect(leaves == [false, false, true, true])
    _ = control.loopBecameIdle(isExpecting: true)
    #expect(control.isApart)
    _ = control.loopBecameIdle(isExpecting: false)
    let isLeaving = control.loopBecameBusy(besideWorker: true)
    #expect(!control.isApart && !isLeaving)
  }

  @Test func `who spins stops before another worker is woken, which needs the processor`() {
    var control = Self.control(processors: 2)
    #expect(control.workerBecameIdle(2).granted == 2)
    let change = control.workerBecomesBusy(4)
    #expect(change.revoked == 2 && change.granted == nil)
    #expect(control.loopBecameIdle(isExpecting: true) == .none)
    // With more processors there is room for both.
    var large = Self.control(processors: 3)
    _ = large.workerBecameIdle(2)
    #expect(large.workerBecomesBusy(4) == .none)
  }

  @Test func `a loop that expects nothing any more gives its permit to an idle worker`() {
    var control = Self.control(processors: 2)
    _ = control.workerBecameIdle(2)
    _ = control.workerBecomesBusy(4)
    _ = control.workerLeft(4)
    #expect(control.loopBecameIdle(isExpecting: false).granted == 2)
  }
}
