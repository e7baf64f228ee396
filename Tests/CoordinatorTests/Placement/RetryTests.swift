import Dataflow
import Testing
import Wire

@testable import Coordinator

/// Idempotency keys, restarts of the coordinator, cancelling, bounds and retention.
@Suite struct RetryTests {
  typealias Base = PlacementTests

  @Test func `a key finds its session, and another body under it is refused`() {
    var machine = Base.machine("a")
    #expect(
      machine.requestArrived(Base.request("1", key: "k", hash: "x"), now: Base.at(0)).arrival == .admitted(session: "1")
    )
    #expect(
      machine.requestArrived(Base.request("2", key: "k", hash: "x"), now: Base.at(0)).arrival == .attached(session: "1")
    )
    #expect(
      machine.requestArrived(Base.request("3", key: "k", hash: "y"), now: Base.at(0)).arrival
        == .rejected(.keyReused(session: "1")))
    #expect(machine.sessions.count == 1)
  }

  @Test func `a request that was never served frees its key`() {
    var machine = Base.machine()
    _ = machine.requestArrived(Base.request("1", key: "k", timeout: .seconds(1)), now: Base.at(0))
    _ = machine.timePassed(Base.at(1))
    #expect(machine.requestArrived(Base.request("2", key: "k"), now: Base.at(2)).arrival == .admitted(session: "2"))
  }

  @Test func `a session that found no pod to start again is kept, and its key runs anew`() {
    var machine = Base.machine("a")
    _ = machine.requestArrived(Base.request("1", key: "k"), now: Base.at(0))
    _ = machine.stored("1", pod: "a", now: Base.at(0))
    _ = machine.podLost("a", epoch: 1, now: Base.at(1))
    _ = machine.podVanished("a", now: Base.at(1))
    guard case .finished(let result)? = machine.timePassed(Base.at(100)).first else { Issue.record(); return }
    #expect(result.state == .failed && result.message.contains("send the request again"))
    #expect(machine.requestArrived(Base.request("2", key: "k"), now: Base.at(101)).arrival == .admitted(session: "2"))
    #expect(machine.sessions["1"]?.result == result && machine.session(key: "k") == "2")
    _ = machine.timePassed(Base.at(401))
    #expect(machine.wasForgotten("1") && machine.session(key: "k") == nil)
  }

  @Test func `a session whose restarts are used up is kept, and its key runs anew`() {
    var machine = Base.machine("a", restarts: 0)
    _ = machine.requestArrived(Base.request("1", key: "k"), now: Base.at(0))
    _ = machine.stored("1", pod: "a", now: Base.at(0))
    guard case .finished(let result)? = machine.podLost("a", epoch: 1, now: Base.at(1)).first else {
      Issue.record()
      return
    }
    #expect(result.state == .failed && result.message.contains("send the request again"))
    #expect(machine.requestArrived(Base.request("2", key: "k"), now: Base.at(2)).arrival == .admitted(session: "2"))
    #expect(machine.sessions["1"]?.result == result)
    // A function that fails is no fault of the platform: a retry is told the same.
    Base.add("b", &machine, now: 3)
    _ = machine.stored("2", pod: "b", now: Base.at(3))
    _ = machine.ended(Base.done("2", .failed), pod: "b", now: Base.at(4))
    #expect(machine.requestArrived(Base.request("3", key: "k"), now: Base.at(5)).arrival == .attached(session: "2"))
  }

  @Test func `after a start, requests with a key wait until the ready pods have registered`() {
    var machine = PlacementStateMachine(gatherUntil: .seconds(5))
    _ = machine.planChanged(PlacementRules(), now: Base.at(0))
    _ = machine.podObserved(ObservedPod(name: "a", uid: "a", isReady: true), now: Base.at(0))
    _ = machine.podObserved(ObservedPod(name: "b", uid: "b", isReady: true), now: Base.at(0))
    _ = machine.observationCompleted(now: Base.at(0))
    Base.add("a", &machine)
    #expect(machine.requestArrived(Base.request("1", key: "k", hash: "h"), now: Base.at(1)).actions.isEmpty)
    #expect(Base.homes(machine.requestArrived(Base.request("2"), now: Base.at(1)).actions) == ["2": "a"])
    let other = machine.requestArrived(Base.request("3", key: "old", hash: "h"), now: Base.at(1))
    #expect(other.actions.isEmpty)
    let actions = Base.add("b", &machine, now: 2)
    #expect(Base.homes(actions).keys.sorted() == ["1", "3"])
  }

  @Test func `the grace after a start ends by itself`() {
    var machine = PlacementStateMachine(gatherUntil: .seconds(5))
    _ = machine.planChanged(PlacementRules(), now: Base.at(0))
    _ = machine.podObserved(ObservedPod(name: "b", uid: "b", isReady: true), now: Base.at(0))
    Base.add("a", &machine)
    #expect(machine.requestArrived(Base.request("1", key: "k"), now: Base.at(1)).actions.isEmpty)
    #expect(Base.homes(machine.timePassed(Base.at(5))) == ["1": "a"])
  }

  @Test func `sessions that pods report are attached to, and asked for when they have ended`() {
    var machine = Base.machine()
    Base.add(
      "a", &machine,
      holding: [
        .init(session: "run", hasEnded: false, idempotencyKey: "k1", requestHash: "h"),
        .init(session: "old", hasEnded: true, idempotencyKey: "k2", requestHash: "h"),
      ])
    let running = machine.requestArrived(Base.request("x", key: "k1", hash: "h"), now: Base.at(1))
    #expect(running.arrival == .attached(session: "run") && running.actions.isEmpty)
    #expect(machine.ended(Base.done("run"), pod: "a", now: Base.at(2)) == [.finished(Base.done("run"))])
    let ended = machine.requestArrived(Base.request("y", key: "k2", hash: "h"), now: Base.at(2))
    #expect(ended.arrival == .attached(session: "old"))
    #expect(ended.actions == [.collect(session: "old", pod: "a")])
    #expect(machine.collected("old", Base.done("old"), pod: "a", now: Base.at(3)) == [.finished(Base.done("old"))])
    #expect(machine.count.succeeded == 1, "what ended before this coordinator began is not counted")
  }

  @Test func `a session found on a pod that is lost fails clearly, and its key runs anew`() {
    var machine = Base.machine()
    Base.add("a", &machine, holding: [.init(session: "1", hasEnded: false, idempotencyKey: "k", requestHash: "h")])
    #expect(machine.podLost("a", epoch: 1, now: Base.at(1)) == [.failed(session: "1", .lost(pod: "a"))])
    #expect(
      machine.requestArrived(Base.request("2", key: "k", hash: "h"), now: Base.at(1)).arrival == .admitted(session: "2")
    )
  }

  @Test func `cancelling works wherever the session is`() {
    var machine = Base.machine()
    _ = machine.requestArrived(Base.request("1"), now: Base.at(0))
    guard case .finished(let result)? = machine.cancelled("1", now: Base.at(0))?.first else { Issue.record(); return }
    #expect(result.state == .cancelled)
    Base.add("a", &machine)
    _ = machine.requestArrived(Base.request("2"), now: Base.at(0))
    #expect(machine.cancelled("2", now: Base.at(0)) == [.send(pod: "a", .cancel(session: "2"))])
    let lost = machine.podLost("a", epoch: 1, now: Base.at(1))
    #expect(lost.count == 1 && machine.count.cancelled == 2, "a cancelled session does not start again")
    #expect(machine.cancelled("2", now: Base.at(1)) == nil)
    #expect(machine.cancelled("unknown", now: Base.at(1)) == nil)
  }

  @Test func `reaching a bound is told`() {
    var limits = PlacementLimits()
    limits.waiting = 1
    var machine = Base.machine(limits: limits)
    _ = machine.requestArrived(Base.request("1"), now: Base.at(0))
    guard case .rejected(.overloaded) = machine.requestArrived(Base.request("2"), now: Base.at(0)).arrival else {
      Issue.record()
      return
    }
    limits = PlacementLimits()
    limits.payloadBytes = 5
    machine = Base.machine("a", limits: limits)
    _ = machine.requestArrived(Base.request("1"), now: Base.at(0))
    guard case .rejected(.overloaded) = machine.requestArrived(Base.request("2"), now: Base.at(0)).arrival else {
      Issue.record()
      return
    }
    _ = machine.stored("1", pod: "a", now: Base.at(0))
    _ = machine.ended(Base.done("1"), pod: "a", now: Base.at(0))
    #expect(machine.requestArrived(Base.request("2"), now: Base.at(0)).arrival == .admitted(session: "2"))
  }

  @Test func `what has ended is forgotten after its retention, and remembered as gone`() {
    var machine = Base.machine("a")
    _ = machine.requestArrived(Base.request("1", key: "k"), now: Base.at(0))
    _ = machine.stored("1", pod: "a", now: Base.at(0))
    _ = machine.ended(Base.done("1"), pod: "a", now: Base.at(10))
    _ = machine.timePassed(Base.at(309))
    #expect(machine.sessions["1"]?.result != nil)
    _ = machine.timePassed(Base.at(310))
    #expect(machine.sessions["1"] == nil && machine.wasForgotten("1") && machine.session(key: "k") == nil)
    #expect(machine.resultBytes == 0)
  }

  @Test func `outputs beyond the bound are left to their pod`() {
    var limits = PlacementLimits()
    limits.resultBytes = 200
    var machine = Base.machine("a", limits: limits)
    for id in ["1", "2"] {
      _ = machine.requestArrived(Base.request(id), now: Base.at(0))
      _ = machine.stored(id, pod: "a", now: Base.at(0))
      _ = machine.ended(Base.done(id), pod: "a", now: Base.at(1))
    }
    #expect(machine.sessions["1"]?.phase == .kept(pod: "a"))
    #expect(machine.sessions["2"]?.result != nil)
  }

  @Test func `at the bound the oldest ended session makes room, unless it has a key`() {
    var limits = PlacementLimits()
    limits.sessions = 2
    var machine = Base.machine("a", limits: limits)
    for (id, key) in [("1", "k"), ("2", nil)] {
      _ = machine.requestArrived(Base.request(id, key: key), now: Base.at(0))
      _ = machine.stored(id, pod: "a", now: Base.at(0))
      _ = machine.ended(Base.done(id), pod: "a", now: Base.at(1))
    }
    #expect(machine.requestArrived(Base.request("3", key: "l"), now: Base.at(2)).arrival == .admitted(session: "3"))
    #expect(machine.sessions.keys.sorted() == ["1", "3"] && machine.wasForgotten("2"))
    guard case .rejected(.overloaded(let bound)) = machine.requestArrived(Base.request("4"), now: Base.at(2)).arrival
    else {
      Issue.record("a session with a key made room")
      return
    }
    // The bound, what fills it, and the two ways out.
    for word in ["2 sessions", "1 run or wait, and 1 have ended", "spec.retention (5m)", "Idempotency-Key"] {
      #expect(bound.contains(word), "\(bound)")
    }
    #expect(machine.count.overloaded == 1 && machine.count.kept == 1)
  }

  @Test func `what only a pod has is forgotten after retention`() {
    var machine = Base.machine()
    Base.add(
      "a", &machine, holding: [.init(session: "1", hasEnded: true, idempotencyKey: "k", requestHash: "h")])
    _ = machine.timePassed(Base.at(299))
    #expect(machine.sessions["1"]?.phase == .kept(pod: "a"))
    _ = machine.timePassed(Base.at(300))
    #expect(machine.sessions.isEmpty && machine.session(key: "k") == nil)
  }

  @Test func `a coordinator that stops tells apart what a pod holds and what none has taken`() {
    var machine = Base.machine("a")
    for id in ["running", "placing"] { _ = machine.requestArrived(Base.request(id), now: Base.at(0)) }
    _ = machine.stored("running", pod: "a", now: Base.at(0))
    _ = machine.podDraining("a", now: Base.at(0))
    _ = machine.requestArrived(Base.request("waiting"), now: Base.at(0))
    #expect(
      machine.closed(.stopping) == [
        .failed(session: "placing", .stoppingUnplaced), .failed(session: "running", .stopping),
        .failed(session: "waiting", .stoppingUnplaced),
      ])
    let problem = Problem(.stoppingUnplaced, session: "waiting")
    #expect(problem.status == 503 && problem.session == nil && problem.retryAfter != nil)
    #expect(!problem.detail.contains("go on"))
    #expect(Problem(.stopping, session: "running").session == "running")
  }

  @Test func `a suspended workflow takes no new requests but answers retries`() {
    var machine = Base.machine("a")
    _ = machine.requestArrived(Base.request("1", key: "k"), now: Base.at(0))
    _ = machine.settingsChanged(isSuspended: true, currentRevision: nil, now: Base.at(0))
    #expect(machine.requestArrived(Base.request("2"), now: Base.at(0)).arrival == .rejected(.suspended))
    #expect(machine.requestArrived(Base.request("3", key: "k"), now: Base.at(0)).arrival == .attached(session: "1"))
  }

  @Test func `whatever happens, counts agree and nothing waits on a pod that is gone`() {
    // A fixed walk through random events: each state has to hold together.
    var seed: UInt64 = 42
    func random(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((seed >> 33) % UInt64(bound))
    }
    var machine = Base.machine("a", "b", "c")
    var epochs: [String: UInt64] = ["a": 1, "b": 1, "c": 1]
    var finished: Set<String> = []
    for step in 0..<5000 {
      let now = Base.at(Double(step) / 10)
      let pod = ["a", "b", "c"][random(3)]
      let id = "s\(random(200))"
      var actions: [PlacementAction] = []
      switch random(8) {
      case 0, 1:
        if machine.sessions[id] == nil {
          actions = machine.requestArrived(Base.request(id), now: now).actions; finished.remove(id)
        }
      case 2: actions = machine.stored(id, pod: pod, now: now)
      case 3: if machine.sessions[id] != nil { actions = machine.ended(Base.done(id), pod: pod, now: now) }
      case 4: actions = machine.refused(id, pod: pod, reason: "full", isFinal: random(4) == 0, now: now)
      case 5: actions = machine.podLost(pod, epoch: epochs[pod] ?? 0, now: now)
      case 6:
        epochs[pod, default: 0] += 1
        actions = Base.add(pod, &machine, epoch: epochs[pod] ?? 0, now: Double(step) / 10)
      default: actions = machine.timePassed(now)
      }
      for case .finished(let result) in actions {
        #expect(finished.insert(result.session).inserted, "\(step): delivered twice")
      }
      var active: [String: Set<String>] = [:]
      var payload = 0
      for (id, session) in machine.sessions {
        payload += session.request?.payload.count ?? 0
        switch session.phase {
        case .placing(let pod), .running(let pod):
          active[pod, default: []].insert(id)
          #expect(machine.pods[pod] != nil, "\(step): \(id) is on \(pod), which is gone")
        case .waiting: #expect(machine.waiting.contains(id))
        case .ended, .kept: break
        }
      }
      for (name, pod) in machine.pods { #expect(pod.active == active[name] ?? [], "step \(step)") }
      #expect(payload == machine.payloadBytes, "step \(step)")
      #expect(Set(machine.waiting).count == machine.waiting.count)
    }
  }
}
