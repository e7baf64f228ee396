import Dataflow
import Testing
import Wire

@testable import Coordinator

@Suite struct PlacementTests {
  static func at(_ seconds: Double) -> Moment { Moment(monotonic: .seconds(seconds), wall: .seconds(1000 + seconds)) }

  static func request(
    _ session: String, key: String? = nil, hash: String = "", timeout: Duration? = nil
  ) -> CoordinatorFrame.SessionRequest {
    CoordinatorFrame.SessionRequest(
      session: session, origin: .invoke(function: "f"), payload: [1, 2, 3], idempotencyKey: key, requestHash: hash,
      timeout: timeout.map { UInt64($0.wholeNanoseconds) })
  }

  /// A machine with a plan and the named pods, ready and registered.
  static func machine(_ pods: String..., restarts: Int = 3, limits: PlacementLimits = .init()) -> PlacementStateMachine
  {
    var machine = PlacementStateMachine(gatherUntil: .zero, limits: limits)
    _ = machine.planChanged(PlacementRules(restartLimit: restarts), now: at(0))
    for pod in pods { add(pod, &machine) }
    return machine
  }

  @discardableResult
  static func add(
    _ pod: String, _ machine: inout PlacementStateMachine, holding: [PodFrame.HeldSession] = [], epoch: UInt64 = 1,
    revision: String = "r", now: Double = 0
  ) -> [PlacementAction] {
    let seen = machine.podObserved(ObservedPod(name: pod, uid: pod, isReady: true), now: at(now))
    return seen
      + machine.podRegistered(
        RegisteredPod(name: pod, uid: pod, epoch: epoch, revision: revision), holding: holding, now: at(now))
  }

  static func homes(_ actions: [PlacementAction]) -> [String: String] {
    var homes: [String: String] = [:]
    for case .send(let pod, .start(let request)) in actions { homes[request.session] = pod }
    return homes
  }

  static func done(_ session: String, _ state: SessionResult.State = .succeeded) -> SessionResult {
    SessionResult(session: session, state: state, outputs: [.init(name: "", bytes: [9])])
  }

  @Test func `the pod with the fewest sessions gets the next one, ties by name`() {
    var machine = Self.machine("b", "a")
    #expect(Self.homes(machine.requestArrived(Self.request("1"), now: Self.at(1)).actions) == ["1": "a"])
    #expect(Self.homes(machine.requestArrived(Self.request("2"), now: Self.at(1)).actions) == ["2": "b"])
    _ = machine.stored("1", pod: "a", now: Self.at(1))
    _ = machine.ended(Self.done("1"), pod: "a", now: Self.at(2))
    #expect(Self.homes(machine.requestArrived(Self.request("3"), now: Self.at(2)).actions) == ["3": "a"])
  }

  @Test func `requests wait for the first ready pod, in the order of arrival`() {
    var machine = Self.machine()
    #expect(machine.requestArrived(Self.request("1"), now: Self.at(0)).actions.isEmpty)
    #expect(machine.requestArrived(Self.request("2"), now: Self.at(0)).actions.isEmpty)
    #expect(machine.count.waiting == 2)
    _ = machine.podRegistered(
      RegisteredPod(name: "a", uid: "a", epoch: 1, revision: "r"), holding: [], now: Self.at(1))
    #expect(machine.count.waiting == 2, "registered but not ready")
    let actions = machine.podObserved(ObservedPod(name: "a", uid: "a", isReady: true), now: Self.at(1))
    #expect(actions.count == 2)
    guard case .send("a", .start(let first)) = actions.first else { Issue.record("\(actions)"); return }
    #expect(first.session == "1")
  }

  @Test func `who waits beyond the deadline is told why`() {
    var machine = Self.machine()
    _ = machine.requestArrived(Self.request("1", timeout: .seconds(5)), now: Self.at(0))
    #expect(machine.timePassed(Self.at(4)).isEmpty)
    let actions = machine.timePassed(Self.at(5))
    guard case .failed("1", .unplaced(let reason)) = actions.first else { Issue.record("\(actions)"); return }
    #expect(reason.contains("no executor pods"))
    #expect(machine.sessions.isEmpty && machine.payloadBytes == 0)
  }

  @Test func `a pod that has another uid, drains, is being deleted or lacks a function gets nothing`() {
    for spoil in [
      { (m: inout PlacementStateMachine) in
        _ = m.podObserved(ObservedPod(name: "a", uid: "x", isReady: true), now: Self.at(0))
      },
      { m in _ = m.podDraining("a", now: Self.at(0)) },
      { m in _ = m.podObserved(ObservedPod(name: "a", uid: "a", isReady: true, isBeingDeleted: true), now: Self.at(0))
      },
      { m in _ = m.loadReported(PodLoad(missingFunctions: ["f"]), pod: "a", now: Self.at(0)) },
      { m in _ = m.podObserved(ObservedPod(name: "a", uid: "a", isReady: false), now: Self.at(0)) },
    ] {
      var machine = Self.machine("a")
      spoil(&machine)
      #expect(Self.homes(machine.requestArrived(Self.request("1"), now: Self.at(0)).actions).isEmpty)
    }
  }

  @Test func `pods of the current revision come first`() {
    var machine = Self.machine("a")
    Self.add("b", &machine, revision: "new")
    _ = machine.settingsChanged(isSuspended: false, currentRevision: "new", now: Self.at(0))
    #expect(Self.homes(machine.requestArrived(Self.request("1"), now: Self.at(0)).actions) == ["1": "b"])
    _ = machine.podLost("b", epoch: 1, now: Self.at(0))
    #expect(machine.sessions["1"]?.phase == .placing(pod: "a"))
  }

  @Test func `a refusal tries another pod, then the same one after a pause; a final one ends it`() {
    var machine = Self.machine("a", "b")
    _ = machine.requestArrived(Self.request("1"), now: Self.at(0))
    let second = machine.refused("1", pod: "a", reason: "memory is full", isFinal: false, now: Self.at(0))
    #expect(Self.homes(second) == ["1": "b"])
    #expect(machine.refused("1", pod: "b", reason: "memory is full", isFinal: false, now: Self.at(0)).isEmpty)
    #expect(Self.homes(machine.timePassed(Self.at(0.3))) == ["1": "a"])
    let last = machine.refused("1", pod: "a", reason: "spec.sharedMemory is too small", isFinal: true, now: Self.at(1))
    #expect(last == [.failed(session: "1", .refused("spec.sharedMemory is too small"))])
  }

  @Test func `a pod lost before it stored costs nothing, and after it one restart with the same id`() {
    var machine = Self.machine("a", "b", restarts: 1)
    _ = machine.requestArrived(Self.request("1"), now: Self.at(0))
    #expect(Self.homes(machine.podLost("a", epoch: 1, now: Self.at(0))) == ["1": "b"])
    #expect(machine.sessions["1"]?.restarts == 0)
    #expect(machine.stored("1", pod: "b", now: Self.at(0)) == [.accepted(session: "1")])
    #expect(machine.podLost("b", epoch: 1, now: Self.at(1)).isEmpty)
    #expect(machine.sessions["1"]?.restarts == 1)
    #expect(Self.homes(Self.add("c", &machine, now: 2)) == ["1": "c"])
    _ = machine.stored("1", pod: "c", now: Self.at(2))
    let actions = machine.podLost("c", epoch: 1, now: Self.at(3))
    guard case .finished(let result) = actions.first else { Issue.record("\(actions)"); return }
    #expect(result.state == .failed && result.message.contains("spec.sessionLimits.restarts"))
  }

  @Test func `a lost link of an older life changes nothing`() {
    var machine = Self.machine("a")
    _ = machine.requestArrived(Self.request("1"), now: Self.at(0))
    Self.add("a", &machine, epoch: 2)
    #expect(machine.sessions["1"]?.phase == .placing(pod: "a"), "placed again in the new life")
    #expect(machine.podLost("a", epoch: 1, now: Self.at(1)).isEmpty)
    #expect(machine.pods["a"]?.epoch == 2)
  }

  @Test func `the first end counts and the other attempt is cancelled`() {
    var machine = Self.machine("a", "b")
    _ = machine.requestArrived(Self.request("1"), now: Self.at(0))
    _ = machine.stored("1", pod: "a", now: Self.at(0))
    _ = machine.podLost("a", epoch: 1, now: Self.at(1))
    #expect(machine.sessions["1"]?.phase == .placing(pod: "b"))
    let held = PodFrame.HeldSession(session: "1", hasEnded: false, idempotencyKey: nil, requestHash: "")
    #expect(Self.add("a", &machine, holding: [held], epoch: 1, now: 2).contains(.send(pod: "a", .cancel(session: "1"))))
    let end = machine.ended(Self.done("1"), pod: "a", now: Self.at(3))
    #expect(end == [.send(pod: "b", .cancel(session: "1")), .finished(Self.done("1"))])
    #expect(machine.ended(Self.done("1", .cancelled), pod: "b", now: Self.at(3)).isEmpty, "delivered once")
    #expect(machine.count.succeeded == 1 && machine.count.cancelled == 0 && machine.count.active == 0)
  }

  @Test func `a session that waits for a restart is taken back by the pod that still has it`() {
    var machine = Self.machine("a")
    _ = machine.requestArrived(Self.request("1"), now: Self.at(0))
    _ = machine.stored("1", pod: "a", now: Self.at(0))
    _ = machine.podLost("a", epoch: 1, now: Self.at(1))
    let held = PodFrame.HeldSession(session: "1", hasEnded: false, idempotencyKey: nil, requestHash: "")
    #expect(Self.homes(Self.add("a", &machine, holding: [held], now: 2)).isEmpty)
    #expect(machine.sessions["1"]?.phase == .running(pod: "a"))
  }
}
