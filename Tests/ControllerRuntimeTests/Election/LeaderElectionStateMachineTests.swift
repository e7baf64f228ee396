import Testing

@testable import ControllerRuntime

@Suite struct LeaderElectionStateMachineTests {
  private let start = ContinuousClock.now
  private let timing = LeaderElectionStateMachine.Timing(
    leaseDuration: .seconds(15), renewDeadline: .seconds(10), retryPeriod: .seconds(2))

  private func machine(_ identity: String = "me") -> LeaderElectionStateMachine {
    LeaderElectionStateMachine(identity: identity, timing: timing)
  }

  private func record(_ holder: String, renewed: String = "t0") -> LeaseRecord {
    LeaseRecord(holder: holder, durationSeconds: 15, renewTime: renewed, acquireTime: "t0", transitions: 3)
  }

  @Test func createsALeaseThatIsNotThere() {
    var machine = machine()
    let mine = LeaseRecord(holder: "me", durationSeconds: 15, renewTime: "t1", acquireTime: "t1", transitions: 0)
    #expect(machine.leaseRead(nil, now: start, wallTime: "t1") == .create(mine))
    #expect(!machine.isLeading, "only a written record makes a leader")
    machine.recordWritten(mine, sentAt: start)
    #expect(machine.role == .leading(renewed: start))
    #expect(machine.deadline == start + .seconds(10))
  }

  @Test func waitsForAnothersLeaseByItsOwnClock() {
    var machine = machine()
    #expect(machine.leaseRead(record("other"), now: start, wallTime: "t") == .wait)
    #expect(machine.leaseRead(record("other"), now: start + .seconds(14), wallTime: "t") == .wait)
    #expect(machine.leaseRead(record("other", renewed: "t1"), now: start + .seconds(15), wallTime: "t") == .wait)
    #expect(machine.leaseRead(record("other", renewed: "t1"), now: start + .seconds(29), wallTime: "t") == .wait)
    let taken = LeaseRecord(holder: "me", durationSeconds: 15, renewTime: "t", acquireTime: "t", transitions: 4)
    #expect(
      machine.leaseRead(record("other", renewed: "t1"), now: start + .seconds(30), wallTime: "t") == .replace(taken))
  }

  @Test func takesAReleasedLeaseAtOnce() {
    var machine = machine()
    guard case .replace(let taken) = machine.leaseRead(record(""), now: start, wallTime: "t") else {
      Issue.record("a released lease should be taken")
      return
    }
    #expect(taken.holder == "me")
  }

  @Test func renewsAndKeepsWhenItWasAcquired() {
    var machine = machine()
    machine.recordWritten(record("me"), sentAt: start)
    let renewed = machine.leaseRead(record("me"), now: start + .seconds(2), wallTime: "t2")
    #expect(renewed == .replace(record("me", renewed: "t2")))
    machine.recordWritten(record("me", renewed: "t2"), sentAt: start + .seconds(2))
    #expect(machine.timePassed(now: start + .seconds(11)) == false)
    #expect(machine.timePassed(now: start + .seconds(12)) == true)
    #expect(!machine.isLeading)
    #expect(machine.timePassed(now: start + .seconds(13)) == false, "it is lost once")
  }

  @Test func anothersRecordOrNoneEndsLeadership() {
    for seen in [record("other"), nil] {
      var machine = machine()
      machine.recordWritten(record("me"), sentAt: start)
      _ = machine.leaseRead(seen, now: start + .seconds(1), wallTime: "t")
      #expect(!machine.isLeading)
    }
  }

  @Test func releasesOnlyWhatItHolds() {
    var machine = machine()
    #expect(machine.released(wallTime: "t") == nil)
    machine.recordWritten(record("me"), sentAt: start)
    let released = machine.released(wallTime: "t9")
    #expect(released?.holder == "")
    #expect(released?.durationSeconds == 1)
    #expect(!machine.isLeading)
  }

  @Test func twoCandidatesNeverLeadAtOnce() {
    // Whatever the moments at which they try: the one that cannot reach the server stops before the other begins.
    for offset in 0..<40 {
      var old = machine("old")
      var new = machine("new")
      old.recordWritten(record("old"), sentAt: start)
      var now = start + .milliseconds(100 * offset)
      while !new.isLeading {
        if case .replace(let taken) = new.leaseRead(record("old"), now: now, wallTime: "t") {
          _ = old.timePassed(now: now)
          #expect(!old.isLeading)
          new.recordWritten(taken, sentAt: now)
        }
        now += .seconds(2)
      }
    }
  }
}
