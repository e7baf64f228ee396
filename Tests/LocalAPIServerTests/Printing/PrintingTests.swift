import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct PrintingTests {
  @Test(
    arguments: [
      (0, "0s"), (119, "119s"), (120, "2m"), (125, "2m5s"), (599, "9m59s"), (600, "10m"), (10799, "179m"),
      (10800, "3h"),
      (28799, "7h59m"), (28800, "8h"), (172799, "47h"), (172800, "2d"), (176400, "2d1h"), (691_200, "8d"),
      (63_072_000, "2y"), (-5, "<invalid>"),
    ] as [(Double, String)])
  func ages(seconds: Double, text: String) {
    #expect(HumanDuration.text(seconds) == text)
  }

  @Test(arguments: [
    (".spec.replicas", "3"), ("{.spec.replicas}", "3"), (".spec['a.b']", "\"dotted\""), (".spec.list[1]", "\"y\""),
    (".status.conditions[?(@.type==\"Ready\")].status", "\"True\""), (".metadata.labels.x\\.y", "\"z\""),
    (".no", "null"),
  ])
  func paths(path: String, value: String) {
    let object: JSONValue = [
      "spec": ["replicas": 3, "a.b": "dotted", "list": ["x", "y"]], "metadata": ["labels": ["x.y": "z"]],
      "status": ["conditions": [["type": "Other", "status": "False"], ["type": "Ready", "status": "True"]]],
    ]
    #expect((JSONPath(path).first(in: object) ?? .null).canonicalText == value)
  }

  @Test func customColumnsBecomeCells() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    harness.now += 65
    let table = harness.get(
      Harness.workflows, accept: "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
    ).document
    #expect(table["kind"] == "Table")
    #expect(
      (table["columnDefinitions"]?.arrayValue ?? []).compactMap { $0["name"] } == [
        "Name", "Ready", "Replicas", "Active", "Succeeded", "Failed", "Age",
      ])
    #expect(table["rows"]?[0]?["cells"] == ["a", nil, 1, nil, nil, nil, "65s"])
    #expect(table["rows"]?[0]?[path: "object", "kind"] == "PartialObjectMetadata")
  }

  @Test func protobufFirstIsAnsweredInJSON() {
    var harness = Harness()
    let list = harness.get(
      "/api/v1/namespaces/default/events", accept: "application/vnd.kubernetes.protobuf,application/json")
    #expect(list.document["kind"] == "EventList")
  }

  private static func summary(_ status: JSONValue, deleted: Bool = false) -> PodSummary {
    var pod: JSONValue = [
      "metadata": [:],
      "spec": [
        "initContainers": [["name": "side", "restartPolicy": "Always"], ["name": "prepare"]],
        "containers": [["name": "app"]],
      ], "status": status,
    ]
    if deleted { pod[path: "metadata", "deletionTimestamp"] = "2026-11-23T00:00:00Z" }
    return PodSummary(pod)
  }

  @Test func podsAreSummarised() {
    let waiting = Self.summary(["phase": "Pending"])
    #expect(waiting.status == "Pending" && waiting.ready == 0 && waiting.total == 2)
    let running: JSONValue = [
      "phase": "Running",
      "initContainerStatuses": [
        ["name": "side", "started": true, "ready": true, "restartCount": 1, "state": ["running": [:]]],
        ["name": "prepare", "state": ["terminated": ["exitCode": 0]]],
      ],
      "containerStatuses": [["name": "app", "ready": true, "restartCount": 2, "state": ["running": [:]]]],
    ]
    let ready = Self.summary(running)
    #expect(ready.status == "Running" && ready.ready == 2 && ready.restarts == 3)
    #expect(Self.summary(running, deleted: true).status == "Terminating")
    let crashing = Self.summary([
      "phase": "Pending",
      "initContainerStatuses": [["name": "prepare", "state": ["waiting": ["reason": "CrashLoopBackOff"]]]],
    ])
    #expect(crashing.status == "Init:CrashLoopBackOff")
    let failed = Self.summary([
      "phase": "Failed", "containerStatuses": [["name": "app", "state": ["terminated": ["exitCode": 3]]]],
    ])
    #expect(failed.status == "ExitCode:3")
  }
}
