import ControllerRuntime
import KubernetesAPI
import NodeControl
import Testing

@Suite struct PodScheduleTests {
  private static func node(_ name: String, pods: Int = 1, cordoned: Bool = false) -> StoreChange {
    var node = KubernetesObject(.node, name: name)
    node["status"] = ["allocatable": ["pods": .string("\(pods)")]]
    node["spec"] = ["unschedulable": .bool(cordoned)]
    return StoreChange(key: node.key, old: nil, new: node)
  }

  private static func pod(_ name: String, node: String? = nil, phase: String = "Pending") -> KubernetesObject {
    var pod = KubernetesObject(.pod, namespace: "d", name: name)
    pod["metadata", "uid"] = .string(name)
    pod["spec"] = node.map { ["nodeName": .string($0)] } ?? [:]
    pod["status"] = ["phase": .string(phase)]
    return pod
  }

  private static func change(_ pod: KubernetesObject, old: KubernetesObject? = nil) -> StoreChange {
    StoreChange(key: pod.key, old: old, new: pod)
  }

  @Test func nothingIsDecidedBeforeAllNodesAreKnown() {
    var schedule = PodSchedule()
    #expect(schedule.podChanged(Self.change(Self.pod("p"))) == [])
    #expect(schedule.nodeChanged(Self.node("a")) == [])
    #expect(schedule.nodesKnown() == [.bind(Self.pod("p"), node: "a")])
  }

  @Test func aPodWaitsForRoomAndSaysSoOnce() {
    var schedule = PodSchedule()
    _ = schedule.nodesKnown()
    let refusal = "no nodes available to schedule pods"
    #expect(schedule.podChanged(Self.change(Self.pod("p"))) == [.reportUnschedulable(Self.pod("p"), refusal)])
    #expect(schedule.podChanged(Self.change(Self.pod("p"))) == [])
    #expect(schedule.nodeChanged(Self.node("a")) == [.bind(Self.pod("p"), node: "a")])
    // Its binding counts from the moment it is decided.
    let full = "0/1 nodes are available: 1 Too many pods."
    #expect(schedule.podChanged(Self.change(Self.pod("q"))) == [.reportUnschedulable(Self.pod("q"), full)])
    #expect(schedule.podChanged(Self.change(Self.pod("p", node: "a"), old: Self.pod("p"))) == [])
    let gone = StoreChange(key: Self.pod("p").key, old: Self.pod("p", node: "a"), new: nil)
    #expect(schedule.podChanged(gone) == [.bind(Self.pod("q"), node: "a")])
  }

  @Test func aPodThatIsOverMakesRoom() {
    var schedule = PodSchedule()
    _ = schedule.nodeChanged(Self.node("a"))
    _ = schedule.nodesKnown()
    _ = schedule.podChanged(Self.change(Self.pod("p", node: "a")))
    _ = schedule.podChanged(Self.change(Self.pod("q")))
    let failed = Self.change(Self.pod("p", node: "a", phase: "Failed"), old: Self.pod("p", node: "a"))
    #expect(schedule.podChanged(failed) == [.bind(Self.pod("q"), node: "a")])
  }

  @Test func aFailedBindingIsTriedAgainWithTheNextNews() {
    var schedule = PodSchedule()
    _ = schedule.nodeChanged(Self.node("a"))
    _ = schedule.nodesKnown()
    #expect(schedule.podChanged(Self.change(Self.pod("p"))) == [.bind(Self.pod("p"), node: "a")])
    schedule.bindingFailed(Self.pod("p"), isOver: false)
    #expect(schedule.nodeChanged(Self.node("b", cordoned: true)) == [.bind(Self.pod("p"), node: "a")])
    schedule.bindingFailed(Self.pod("p"), isOver: true)
    #expect(schedule.nodeChanged(Self.node("b")) == [])
  }

  @Test func aHeartbeatOfANodeChangesNothing() {
    var schedule = PodSchedule()
    _ = schedule.nodesKnown()
    _ = schedule.nodeChanged(Self.node("a", cordoned: true))
    _ = schedule.podChanged(Self.change(Self.pod("p")))
    #expect(schedule.nodeChanged(Self.node("a", cordoned: true)) == [])
    #expect(schedule.nodeChanged(Self.node("a")) == [.bind(Self.pod("p"), node: "a")])
  }
}
