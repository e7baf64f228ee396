import Foundation
import KubernetesAPI
import Reconcilers
import Testing

/// What a kubelet or a scheduler writes, and what of it the workflow says.
@Suite struct PodTroubleTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// A container's status, or nil where it is the scheduler that has something to say.
    var container: JSONValue?
    var scheduled: JSONValue?
    /// How long after `Fixtures.time` the controller looks.
    var after: TimeInterval = 1
    var kind: PodTrouble.Kind?
    var words: [String] = []
  }

  private static func container(
    _ name: String = "app", restarts: Int64 = 0, state: JSONValue, last: JSONValue? = nil
  ) -> JSONValue {
    [
      "name": .string(name), "image": "acme/app:1", "restartCount": .integer(restarts), "state": state,
      "lastState": last.map { ["terminated": $0] } ?? [:],
    ]
  }

  private static func waiting(_ reason: String, _ message: String = "") -> JSONValue {
    ["waiting": ["reason": .string(reason), "message": .string(message)]]
  }

  private static func ended(_ reason: String, code: Int64, _ message: String? = nil, signal: Int64? = nil) -> JSONValue
  {
    var state: JSONValue = [
      "reason": .string(reason), "exitCode": .integer(code), "finishedAt": .string(Timestamp.format(Fixtures.time)),
    ]
    state["message"] = message.map { .string($0) }
    state["signal"] = signal.map { .integer($0) }
    return state
  }

  private static func running(after seconds: TimeInterval = 1) -> JSONValue {
    ["running": ["startedAt": .string(Timestamp.format(Fixtures.time.addingTimeInterval(seconds)))]]
  }

  private static let unschedulable: JSONValue = [
    "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "lastTransitionTime": "2026-11-23T08:00:00Z",
    "message": "0/3 nodes are available: 3 Insufficient memory.",
  ]
  private static let scheduledAt: JSONValue = [
    "type": "PodScheduled", "status": "True", "lastTransitionTime": "2026-11-23T08:00:00Z",
  ]
  private static let crashed = ended("Error", code: 3, "first\nsecond\n\nfatal: no database\tat all\n")

  static let rows: [Row] = [
    Row(testDescription: "runs", container: container(state: running())),
    Row(testDescription: "is created", container: container(state: waiting("ContainerCreating"))),
    Row(testDescription: "waits for init containers", container: container(state: waiting("PodInitializing"))),
    Row(
      testDescription: "no image", container: container(state: waiting("ImagePullBackOff", "manifest unknown")),
      scheduled: scheduledAt, kind: .imagePull,
      words: ["acme/app:1", "manifest unknown", "since 2026-11-23T08:00:00Z", "imagePullSecrets"]),
    Row(
      testDescription: "an image's name is wrong", container: container(state: waiting("InvalidImageName")),
      kind: .imagePull, words: ["check the name in spec.template"]),
    Row(
      testDescription: "no ConfigMap",
      container: container(state: waiting("CreateContainerConfigError", "configmap \"c\" not found")),
      kind: .containerConfig, words: ["configmap \"c\" not found", "check what spec.template refers to"]),
    Row(
      testDescription: "no node", scheduled: unschedulable, kind: .unschedulable,
      words: ["Insufficient memory", "since 2026-11-23T08:00:00Z", "add nodes, or ask for less"]),
    Row(
      testDescription: "crash loop",
      container: container(restarts: 4, state: waiting("CrashLoopBackOff"), last: crashed),
      kind: .crashLoop,
      words: [
        "container app ends again and again (4 restarts, last with exit code 3 at 2026-11-23T08:00:00Z)",
        "its last words: first | second | fatal: no database at all;", "kubectl logs --previous p -c app",
      ]),
    Row(
      testDescription: "crash loop by a signal",
      container: container(
        restarts: 2, state: waiting("CrashLoopBackOff"), last: ended("Error", code: 139, signal: 11)),
      kind: .crashLoop, words: ["last by signal 11 at"]),
    Row(
      testDescription: "a crash loop's short run", container: container(restarts: 4, state: running(), last: crashed),
      after: 30, kind: .crashLoop, words: ["4 restarts, last with exit code 3"]),
    Row(
      testDescription: "between end and back-off",
      container: container(restarts: 4, state: ["terminated": crashed], last: crashed), kind: .crashLoop),
    Row(
      testDescription: "out of the crash loop", container: container(restarts: 4, state: running(), last: crashed),
      after: 62),
    Row(testDescription: "one crash", container: container(restarts: 1, state: running(), last: crashed)),
    Row(
      testDescription: "a program that is not there, as containerd says it",
      container: container(
        restarts: 3, state: waiting("CrashLoopBackOff", "back-off 10s restarting failed container=app"),
        last: ended("StartError", code: 128, "exec: \"gone\": not found")),
      kind: .crashLoop, words: ["does not start: exec: \"gone\": not found; check its command"]),
    Row(
      testDescription: "out of memory, waiting",
      container: container(restarts: 2, state: waiting("CrashLoopBackOff"), last: ended("OOMKilled", code: 137)),
      after: 3600, kind: .outOfMemory,
      words: [
        "more memory than its limit (2 restarts)", "raise resources.limits.memory of the container in spec.template",
      ]),
    Row(
      testDescription: "out of memory, just now",
      container: container(state: ["terminated": ended("OOMKilled", code: 137)]),
      kind: .outOfMemory, words: ["at 2026-11-23T08:00:00Z"]),
    Row(
      testDescription: "out of memory, running again",
      container: container(restarts: 1, state: running(), last: ended("OOMKilled", code: 137)), after: 599,
      kind: .outOfMemory, words: ["(1 restart)", "it runs again"]),
    Row(
      testDescription: "out of memory, long ago",
      container: container(restarts: 1, state: running(), last: ended("OOMKilled", code: 137)), after: 601),
    Row(
      testDescription: "the sidecar out of memory",
      container: container("pheromone-sidecar", state: ["terminated": ended("OOMKilled", code: 137)]),
      kind: .outOfMemory, words: ["raise spec.sidecar.resources.limits.memory"]),
  ]

  @Test(arguments: rows) func isToldInWords(_ row: Row) {
    var pod = KubernetesObject(.pod, namespace: "n", name: "p")
    pod["status", "containerStatuses"] = .array([row.container].compactMap { $0 })
    pod["status", "conditions"] = .array([row.scheduled].compactMap { $0 })
    let trouble = ExecutorPod(pod, workflowUID: "w", now: Fixtures.time.addingTimeInterval(row.after)).trouble
    #expect(trouble?.kind == row.kind)
    for words in row.words { #expect(trouble?.message.contains(words) == true, "\(trouble?.message ?? "nothing")") }
  }

  /// The controller looks again by itself when a trouble is over by the passing of time.
  @Test func sayWhenTheyAreOver() {
    func until(_ status: JSONValue) -> Date? {
      var pod = KubernetesObject(.pod, namespace: "n", name: "p")
      pod["status", "containerStatuses"] = [status]
      return ExecutorPod(pod, workflowUID: "w", now: Fixtures.time).trouble?.until
    }
    let oom = Self.ended("OOMKilled", code: 137)
    #expect(
      until(Self.container(restarts: 1, state: Self.running(), last: oom)) == Fixtures.time.addingTimeInterval(600))
    #expect(
      until(Self.container(restarts: 2, state: Self.running(), last: Self.crashed))
        == Fixtures.time.addingTimeInterval(61))
    #expect(until(Self.container(restarts: 2, state: Self.waiting("CrashLoopBackOff"), last: Self.crashed)) == nil)
  }

  @Test(arguments: [
    (
      "no executor offers the functions merge, split", PodTrouble.Kind.functionsMissing,
      "remove them from spec.functions"
    ),
    ("no link to the coordinator at c:8081", .notReady, "whether pheromone-coordinator runs"),
    ("", .notReady, "its sidecar does not say why"),
  ])
  func whatASidecarSays(answer: String, kind: PodTrouble.Kind, words: String) {
    let trouble = PodTrouble(unreadiness: answer, since: Fixtures.time)
    #expect(trouble.kind == kind)
    #expect(trouble.message.contains(words) && trouble.message.contains("since 2026-11-23T08:00:00Z"))
  }

  @Test(arguments: [
    ("Evicted", "The node was low on resource: memory.", "resources.requests"),
    ("DeadlineExceeded", "Pod was active on the node longer than the specified deadline", "activeDeadlineSeconds"),
    ("Terminated", "Pod was terminated in response to imminent node shutdown.", "nothing is to be done"),
    ("OutOfmemory", "Pod was rejected", "add nodes"), ("Strange", "m", "kubectl get events"),
    ("", "", "container app ended with exit code 2: gone"),
  ])
  func aPodThatEndedSaysWhy(reason: String, message: String, words: String) {
    var pod = KubernetesObject(.pod, namespace: "n", name: "p")
    pod["status"] = ["phase": "Failed"]
    if !reason.isEmpty {
      pod["status", "reason"] = .string(reason)
      pod["status", "message"] = .string(message)
    }
    pod["status", "containerStatuses"] = [
      ["name": "app", "state": ["terminated": ["exitCode": 2, "message": "gone"]]]
    ]
    let ending = ExecutorPod(pod, workflowUID: "w", now: Fixtures.time).ending
    #expect(message.isEmpty || ending?.message.contains(message) == true)
    let text = "\(ending?.message ?? "") \(ending?.remedy ?? "")"
    #expect(text.contains(words))
  }
}
