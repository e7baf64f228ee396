import Testing
import Wire

@testable import Coordinator

/// A pod that was silent for so long that it counted as gone, and comes back with the sessions it had.
@Suite struct SilentPodTests {
  typealias Base = PlacementTests

  /// Where the session is when the pod that was silent answers the cancellation of the attempt it still had.
  enum Present: CaseIterable { case waiting, placing, running, kept, backOnTheSilentPod }

  @Test(arguments: Present.allCases)
  func `what a silent pod gives up when it comes back does not end the session`(present: Present) {
    var limits = PlacementLimits()
    if present == .kept { limits.resultBytes = 1 }
    var machine = Base.machine("a", limits: limits)
    _ = machine.requestArrived(Base.request("1", key: "k"), now: Base.at(0))
    _ = machine.stored("1", pod: "a", now: Base.at(0))
    Base.add("b", &machine)
    _ = machine.podLost("a", epoch: 1, now: Base.at(5))
    if present != .placing { _ = machine.stored("1", pod: "b", now: Base.at(5)) }
    let held = PodFrame.HeldSession(session: "1", hasEnded: false, idempotencyKey: "k", requestHash: "")
    #expect(Base.add("a", &machine, holding: [held], now: 8) == [.send(pod: "a", .cancel(session: "1"))])
    switch present {
    case .placing, .running: break
    case .waiting:
      _ = machine.podDraining("a", now: Base.at(8))
      _ = machine.podLost("b", epoch: 1, now: Base.at(8))
    case .backOnTheSilentPod: _ = machine.podLost("b", epoch: 1, now: Base.at(8))
    case .kept:
      _ = machine.ended(Base.done("1"), pod: "b", now: Base.at(8))
      _ = machine.requestArrived(Base.request("2"), now: Base.at(8))
      _ = machine.ended(Base.done("2"), pod: "a", now: Base.at(8))
    }
    let before = machine.sessions["1"]?.phase
    #expect(machine.ended(Base.done("1", .cancelled), pod: "a", now: Base.at(8)).isEmpty)
    #expect(machine.sessions["1"]?.phase == before)
    #expect(machine.count.cancelled == 0)
  }

  @Test(arguments: [true, false])
  func `a session that waits is not taken for the one that a pod has given up`(isPlacing: Bool) {
    var machine = Base.machine("a")
    _ = machine.requestArrived(Base.request("1"), now: Base.at(0))
    if !isPlacing {
      _ = machine.stored("1", pod: "a", now: Base.at(0))
      _ = machine.podLost("a", epoch: 1, now: Base.at(1))
    }
    let held = PodFrame.HeldSession(session: "1", hasEnded: true, idempotencyKey: nil, requestHash: "")
    #expect(Base.homes(Base.add("a", &machine, holding: [held], now: 2)) == ["1": "a"])
    #expect(machine.ended(Base.done("1", .cancelled), pod: "a", now: Base.at(2)).isEmpty)
    _ = machine.stored("1", pod: "a", now: Base.at(2))
    #expect(machine.sessions["1"]?.phase == .running(pod: "a"))
    #expect(machine.ended(Base.done("1"), pod: "a", now: Base.at(3)) == [.finished(Base.done("1"))])
  }

  @Test func `a cancellation that somebody asked for ends the session, whichever pod says so`() {
    for pod in ["a", "b"] {
      var machine = Base.machine("a", "b")
      _ = machine.requestArrived(Base.request("1"), now: Base.at(0))
      _ = machine.stored("1", pod: "a", now: Base.at(0))
      _ = machine.cancelled("1", now: Base.at(0))
      #expect(
        machine.ended(Base.done("1", .cancelled), pod: pod, now: Base.at(1))
          .contains(.finished(Base.done("1", .cancelled))))
    }
  }

  @Test func `a session found on a pod that was cancelled before this coordinator began ends as cancelled`() {
    var machine = Base.machine()
    Base.add("a", &machine, holding: [.init(session: "1", hasEnded: false, idempotencyKey: nil, requestHash: "")])
    let end = machine.ended(Base.done("1", .cancelled), pod: "a", now: Base.at(1))
    #expect(end == [.finished(Base.done("1", .cancelled))])
  }
}
