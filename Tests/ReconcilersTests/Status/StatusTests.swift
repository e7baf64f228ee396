import Foundation
import KubernetesAPI
import Reconcilers
import Testing

@Suite struct StatusTests {
  @Test func transitionTimesMoveOnlyWithTheStatus() throws {
    let ready = Condition(type: "Ready", status: "True", reason: "A", message: "m")
    let first = StatusConditions.merged([ready], previous: nil, owned: ["Ready"], generation: 1, now: Fixtures.time)
    var changed = ready
    changed.reason = "B"
    let later = Fixtures.time.addingTimeInterval(60)
    let second = StatusConditions.merged([changed], previous: first, owned: ["Ready"], generation: 2, now: later)
    #expect(second[0]?["lastTransitionTime"] == first[0]?["lastTransitionTime"])
    #expect(second[0]?["observedGeneration"] == 2)
    changed.status = "False"
    let third = StatusConditions.merged([changed], previous: second, owned: ["Ready"], generation: 2, now: later)
    #expect(third[0]?["lastTransitionTime"]?.stringValue == Timestamp.format(later))
  }

  @Test func othersConditionsAndCountersDoNotCount() {
    let wanted: JSONValue = ["replicas": 2, "conditions": [["type": "Ready", "status": "True"]]]
    var current: JSONValue = [
      "replicas": 2, "sessions": ["active": 4],
      "conditions": [["type": "MemoryPressure", "status": "True"], ["type": "Ready", "status": "True"]],
    ]
    #expect(StatusConditions.isUpToDate(current, wanted: wanted, owned: ["Ready", "Degraded"]))
    current["conditions"] = [["type": "Ready", "status": "True"], ["type": "Degraded", "status": "True"]]
    #expect(!StatusConditions.isUpToDate(current, wanted: wanted, owned: ["Ready", "Degraded"]))
    #expect(!StatusConditions.isUpToDate(nil, wanted: wanted, owned: ["Ready"]))
  }

  @Test func eventsTellOfChangesOnly() {
    let rejected = Condition(
      type: "Accepted", status: "False", reason: "Unsound", message: "m", lastTransitionTime: "t")
    let events = StatusEvents.events(before: nil, after: [rejected])
    #expect(events == [ControllerEvent(isWarning: true, reason: "Unsound", message: "m", action: "Accepting")])
    let before: JSONValue = [["type": "Accepted", "status": "False", "reason": "Unsound", "message": "other"]]
    #expect(StatusEvents.events(before: before, after: [rejected]).isEmpty)
    // In the middle of a `kubectl apply` there is nothing to tell; that a bucket has gone is.
    let waiting = Condition(type: "Accepted", status: "False", reason: "BucketNotFound", message: "m")
    #expect(StatusEvents.events(before: nil, after: [waiting]).isEmpty)
    let accepted: JSONValue = [["type": "Accepted", "status": "True", "reason": "Accepted", "message": "m"]]
    #expect(StatusEvents.events(before: accepted, after: [waiting]).map(\.reason) == ["BucketNotFound"])
  }

  @Test(arguments: [
    // As our node agent puts it, as a kubelet does, and one of which nothing is known.
    (#"exec: "/bin/gone": no such file"#, nil, #"does not start: exec: "/bin/gone": no such file; "#),
    (
      "back-off 10s restarting failed container=app", #"exec: "gone": not found"#,
      #"not start: exec: "gone": not found;"#
    ),
    ("back-off 10s restarting failed container=app", nil, "does not start; "),
  ])
  func aProgramThatIsNotThereIsNamed(waiting: String, terminated: String?, words: String) {
    var pod = KubernetesObject(.pod, namespace: "n", name: "p")
    pod["status", "containerStatuses"] = [
      [
        "name": "app", "restartCount": 0,
        "state": ["waiting": ["reason": "CrashLoopBackOff", "message": .string(waiting)]],
        "lastState": terminated.map { ["terminated": ["exitCode": 128, "message": .string($0)]] } ?? [:],
      ]
    ]
    let trouble = ExecutorPod(pod, workflowUID: "w", now: Fixtures.time).trouble
    #expect(trouble?.kind == .crashLoop)
    #expect(trouble?.message.contains(words) == true, "\(trouble as Any)")
    #expect(trouble?.message.hasSuffix("kubectl logs p -c app") == true, "\(trouble as Any)")
  }

  @Test func troublesAreWordedForPeople() {
    var pod = KubernetesObject(.pod, namespace: "n", name: "p")
    pod["status", "containerStatuses"] = [
      [
        "name": "app", "restartCount": 4, "state": ["waiting": ["reason": "CrashLoopBackOff"]],
        "lastState": ["terminated": ["exitCode": 3]],
      ]
    ]
    let trouble = ExecutorPod(pod, workflowUID: "w", now: Fixtures.time).trouble
    #expect(trouble?.kind == .crashLoop)
    #expect(trouble?.message.contains("4 restarts, last with exit code 3)") == true)
    #expect(trouble?.message.hasSuffix("kubectl logs --previous p -c app") == true)
    pod["status", "containerStatuses"] = [["name": "app", "state": ["waiting": ["reason": "ContainerCreating"]]]]
    #expect(ExecutorPod(pod, workflowUID: "w", now: Fixtures.time).trouble == nil)
    #expect(PodTrouble(unreadiness: "no function\nmerge\u{7}").message.contains("\n") == false)
  }

  @Test(
    arguments: [
      (nil, nil), (0, nil), (1, "1 executor pod takes no new session"), (2, "2 executor pods take no new session"),
    ] as [(Int64?, String?)])
  func memoryPressureIsToldWhileItLasts(full: Int64?, message: String?) throws {
    var workflow = Fixtures.workflow(replicas: 3)
    workflow["status", "fullPods"] = full.map { .integer($0) }
    let status = WorkflowStatus(
      workflow: workflow, settings: WorkflowSettings(workflow), verdict: .accepted, bucketCount: 2, revision: "r",
      pods: [], plan: PodPlan())
    let condition = status.conditions().first { $0.type == "MemoryPressure" }
    guard let message else { return #expect(condition == nil) }
    #expect(condition?.status == "True" && condition?.reason == "ObjectMemoryFull")
    for part in [message, "spec.sharedMemory is 256Mi", "kubectl scale workflow/wordcount --replicas=4"] {
      #expect(condition?.message.contains(part) == true, "\(condition?.message ?? "")")
    }
    #expect(StatusEvents.events(before: nil, after: status.conditions()).contains { $0.reason == "ObjectMemoryFull" })
  }

  /// It is ours: what a former look wrote goes when it is over.
  @Test func memoryPressureThatIsOverIsTakenBack() {
    let wanted: JSONValue = ["conditions": [["type": "Ready", "status": "True"]]]
    let current: JSONValue = [
      "conditions": [["type": "MemoryPressure", "status": "True"], ["type": "Ready", "status": "True"]]
    ]
    #expect(!StatusConditions.isUpToDate(current, wanted: wanted, owned: WorkflowStatus.ownedConditions))
  }
}
