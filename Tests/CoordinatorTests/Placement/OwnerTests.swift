import Dataflow
import Testing
import Wire

@testable import Coordinator

/// One pod for all sessions of a workflow whose triggers gather objects across sessions.
@Suite struct OwnerTests {
  typealias Base = PlacementTests

  /// Pods in the order of their creation, ready and registered.
  static func machine(_ pods: String...) -> PlacementStateMachine {
    var machine = PlacementStateMachine(gatherUntil: .zero)
    _ = machine.planChanged(PlacementRules(workflow: "w", hasOwner: true), now: Base.at(0))
    for (age, pod) in pods.enumerated() { add(pod, createdAt: age, &machine) }
    return machine
  }

  static func add(_ pod: String, createdAt: Int, revision: String = "r", _ machine: inout PlacementStateMachine) {
    _ = machine.podObserved(
      ObservedPod(name: pod, uid: pod, isReady: true, createdAt: "2026-01-01T00:00:0\(createdAt)Z"), now: Base.at(0))
    _ = machine.podRegistered(
      RegisteredPod(name: pod, uid: pod, epoch: 1, revision: revision), holding: [], now: Base.at(0))
  }

  @Test func `all sessions run on the first pod that was ready, and it stays the owner`() {
    var machine = Self.machine("c", "b", "a")
    #expect(machine.owner == "c")
    for id in ["1", "2", "3"] {
      #expect(Base.homes(machine.requestArrived(Base.request(id), now: Base.at(1)).actions) == [id: "c"])
    }
    Self.add("0", createdAt: 0, &machine)
    #expect(machine.owner == "c", "an older one does not take over")
  }

  @Test func `of several pods the oldest becomes the owner, ties by name`() {
    var machine = PlacementStateMachine(gatherUntil: .zero)
    for (pod, age) in [("a", 2), ("c", 1), ("b", 1)] { Self.add(pod, createdAt: age, &machine) }
    _ = machine.planChanged(PlacementRules(hasOwner: true), now: Base.at(0))
    #expect(machine.owner == "b")
  }

  enum Change: CaseIterable {
    case drains, isDeleted, losesItsLink, vanishes, isReplaced
    case isNotReady, refuses

    var ownerAfterwards: String { self == .isNotReady || self == .refuses ? "a" : "b" }
    /// Where the next session runs, if it can.
    var nextHome: String? { self == .isNotReady ? nil : ownerAfterwards }

    /// What happens to the pod `a`.
    func happen(to machine: inout PlacementStateMachine) {
      let now = Base.at(1)
      switch self {
      case .drains: _ = machine.podDraining("a", now: now)
      case .isDeleted:
        _ = machine.podObserved(ObservedPod(name: "a", uid: "a", isReady: true, isBeingDeleted: true), now: now)
      case .losesItsLink: _ = machine.podLost("a", epoch: 1, now: now)
      case .vanishes: _ = machine.podVanished("a", now: now)
      case .isReplaced: _ = machine.podObserved(ObservedPod(name: "a", uid: "x", isReady: true), now: now)
      case .isNotReady: _ = machine.podObserved(ObservedPod(name: "a", uid: "a", isReady: false), now: now)
      case .refuses:
        _ = machine.requestArrived(Base.request("0"), now: now)
        _ = machine.refused("0", pod: "a", reason: "its memory is full", isFinal: false, now: now)
      }
    }
  }

  @Test(arguments: Change.allCases)
  func `the next pod takes over when the owner goes, not when it is only busy`(change: Change) {
    var machine = Self.machine("a", "b", "c")
    change.happen(to: &machine)
    #expect(machine.owner == change.ownerAfterwards)
    let homes = Base.homes(machine.requestArrived(Base.request("1"), now: Base.at(1)).actions)
    #expect(homes["1"] == change.nextHome)
    if change == .refuses { #expect(machine.sessions["0"]?.phase == .waiting, "no other pod is asked") }
  }

  @Test func `sessions of a lost owner start again on the next one`() {
    var machine = Self.machine("a", "b")
    _ = machine.requestArrived(Base.request("1"), now: Base.at(0))
    _ = machine.stored("1", pod: "a", now: Base.at(0))
    #expect(Base.homes(machine.podLost("a", epoch: 1, now: Base.at(1))) == ["1": "b"])
  }

  @Test func `an owner that waits for its functions is named to who waits`() {
    var machine = Self.machine("a", "b")
    _ = machine.podObserved(ObservedPod(name: "a", uid: "a", isReady: false), now: Base.at(1))
    _ = machine.requestArrived(Base.request("1", timeout: .seconds(1)), now: Base.at(1))
    guard case .failed("1", .unplaced(let reason)) = machine.timePassed(Base.at(2)).first else {
      Issue.record("it did not expire")
      return
    }
    #expect(reason.contains("owner, the pod a"), "\(reason)")
  }

  @Test func `in a rollout a pod of the new revision takes over, though there are older ones`() {
    var machine = Self.machine("a", "b")
    Self.add("c", createdAt: 9, revision: "new", &machine)
    _ = machine.settingsChanged(isSuspended: false, currentRevision: "new", now: Base.at(1))
    #expect(machine.owner == "a")
    _ = machine.podDraining("a", now: Base.at(2))
    #expect(machine.owner == "c")
  }

  @Test func `after a start the pod that holds sessions is the owner, once all have reported`() {
    var machine = PlacementStateMachine(gatherUntil: .seconds(5))
    _ = machine.planChanged(PlacementRules(hasOwner: true), now: Base.at(0))
    for pod in ["a", "b"] {
      _ = machine.podObserved(ObservedPod(name: pod, uid: pod, isReady: true), now: Base.at(0))
    }
    _ = machine.observationCompleted(now: Base.at(0))
    Base.add("a", &machine)
    #expect(machine.owner == nil)
    let held = PodFrame.HeldSession(session: "1", hasEnded: false, idempotencyKey: nil, requestHash: "")
    Base.add("b", &machine, holding: [held])
    #expect(machine.owner == "b")
  }

  @Test func `a plan decides whether there is an owner`() {
    func rules(_ primitive: Primitive) -> PlacementRules {
      PlacementRules(
        WorkflowPlan(
          namespace: "n", workflow: "w", entry: "f", functions: [FunctionPlan(name: "f")],
          buckets: [BucketPlan(name: "b", triggers: [TriggerPlan(name: "t", target: "f", primitive)])]))
    }
    #expect(rules(.byTime(.init(window: "1s"))).hasOwner)
    #expect(rules(.byBatchSize(.init(count: 2))).hasOwner)
    #expect(!rules(.byBatchSize(.init(count: 2, scope: .session))).hasOwner)
    var machine = Self.machine("a", "b")
    _ = machine.planChanged(rules(.immediate), now: Base.at(1))
    #expect(machine.owner == nil)
    let homes = ["1", "2"].map { Base.homes(machine.requestArrived(Base.request($0), now: Base.at(1)).actions) }
    #expect(homes == [["1": "a"], ["2": "b"]])
  }
}
