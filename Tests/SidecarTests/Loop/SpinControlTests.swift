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
    control.workerBecameBusy(4)
    #expect(control.loopBecameIdle(isExpecting: true).granted == nil)
    #expect(control.spin { true })
    // It reports, and is the one to spin again; the first never is, meanwhile.
    let change = control.workerBecameIdle(4)
    #expect(change.granted == 4 && change.revoked != 4)
  }

  @Test func `while one works, an idle one must not spin beside the loop`() {
    var control = Self.control(processors: 2)
    _ = control.workerBecameIdle(2)
    control.workerBecameBusy(2)
    #expect(control.workerBecameIdle(4).granted == 4)
    #expect(control.loopBecameIdle(isExpecting: true).revoked == 4)
  }

  @Test func `a loop that expects nothing does not spin`() {
    var control = Self.control(processors: 8)
    #expect(control.loopBecameIdle(isExpecting: false) == .none)
    #expect(!control.spin { true })
  }

  @Test func `on one processor nobody spins`() {
    var control = Self.control(processors: 1)
    #expect(control.workerBecameIdle(2) == .none)
    control.workerBecameBusy(2)
    #expect(control.loopBecameIdle(isExpecting: true) == .none)
    #expect(!control.spin { true })
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
    #expect(!control.spin { true })
  }

  @Test func `a quota below two processors permits nobody`() {
    var control = SpinControl(budget: ProcessorBudget(processors: 8, quota: 1.9))
    #expect(control.workerBecameIdle(2) == .none)
    #expect(control.loopBecameIdle(isExpecting: true) == .none)
    #expect(!control.spin { true })
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
    control.workerBecameBusy(2)
    _ = control.loopBecameIdle(isExpecting: true)
    var looks = 0
    #expect(
      !control.spin {
        looks += 1
        return false
      })
    #expect(looks > 0)
  }
}
