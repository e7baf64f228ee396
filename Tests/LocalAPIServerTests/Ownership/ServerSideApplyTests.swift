import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct ServerSideApplyTests {
  private static let path = Harness.workflows + "/s"

  private static func owner(_ manager: String, of object: JSONValue) -> JSONValue? {
    object[path: "metadata", "managedFields"]?.arrayValue?.first { $0["manager"]?.stringValue == manager }?["fieldsV1"]
  }

  private static func applied(_ spec: JSONValue) -> JSONValue {
    [
      "apiVersion": "pheromone.dev/v1alpha1", "kind": "Workflow", "metadata": ["name": "s"], "spec": spec,
    ]
  }

  private static func start() -> Harness {
    var harness = Harness()
    var object = Harness.workflow("s")
    object[path: "spec", "replicas"] = 2
    harness.apply(path + "?fieldManager=alice", object)
    return harness
  }

  @Test func applyingCreatesAndOwnsWhatWasSaid() {
    var harness = Self.start()
    let object = harness.get(Self.path).document
    #expect(
      Self.owner("alice", of: object) == [
        "f:spec": [
          "f:entry": [:],
          "f:functions": [
            "k:{\"name\":\"count\"}": [".": [:], "f:name": [:]], "k:{\"name\":\"split\"}": [".": [:], "f:name": [:]],
          ],
          "f:replicas": [:], "f:template": ["f:spec": [".": [:], "f:containers": [:]]],
        ]
      ])
    #expect(object[path: "spec", "executors"] == 1, "defaults belong to nobody")
  }

  @Test func anotherManagerConflictsUnlessItForces() {
    var harness = Self.start()
    let change = Self.applied(["replicas": 5])
    let refused = harness.apply(Self.path + "?fieldManager=bob", change)
    #expect(refused.code == 409)
    #expect(refused.message == "Apply failed with 1 conflict: conflict with \"alice\": .spec.replicas")
    let forced = harness.apply(Self.path + "?fieldManager=bob&force=true", change)
    #expect(forced.code == 200)
    #expect(Self.owner("bob", of: forced.document) == ["f:spec": ["f:replicas": [:]]])
    #expect(Self.owner("alice", of: forced.document)?[path: "f:spec", "f:replicas"] == nil)
  }

  @Test func whatIsNoLongerAppliedIsDropped() {
    var harness = Self.start()
    let both = Self.applied(["replicas": 2, "functions": [["name": "split", "timeout": "5s"], ["name": "extra"]]])
    harness.apply(Self.path + "?fieldManager=bob&force=true", both)
    let dropped = harness.apply(Self.path + "?fieldManager=bob", Self.applied(["replicas": 2])).document
    #expect(dropped[path: "spec", "functions"] == [["name": "split"], ["name": "count"]])
    #expect(Self.owner("bob", of: dropped) == ["f:spec": ["f:replicas": [:]]])
  }

  @Test func sharedFieldsStayWhenOneManagerLetsGo() {
    var harness = Self.start()
    harness.apply(Self.path + "?fieldManager=bob", Self.applied(["replicas": 2]))
    var rest = Harness.workflow("s")
    rest[path: "spec", "replicas"] = nil
    let object = harness.apply(Self.path + "?fieldManager=alice", rest).document
    #expect(object[path: "spec", "replicas"] == 2)
    let last = harness.apply(Self.path + "?fieldManager=bob", Self.applied([:])).document
    #expect(last[path: "spec", "replicas"] == 1, "nobody wants 2 any more, so the default is back")
  }

  @Test func updatesTakeOwnershipFromAppliers() {
    var harness = Self.start()
    harness.merge(Self.path + "?fieldManager=kubectl-patch", ["spec": ["replicas": 7]])
    let object = harness.get(Self.path).document
    #expect(Self.owner("kubectl-patch", of: object) == ["f:spec": ["f:replicas": [:]]])
    let conflict = harness.apply(Self.path + "?fieldManager=alice", Self.applied(["replicas": 2]))
    #expect(
      conflict.message
        == "Apply failed with 1 conflict: conflict with \"kubectl-patch\" using pheromone.dev/v1alpha1: .spec.replicas")
  }

  @Test func conditionsOfTwoManagersLiveSideBySide() {
    var harness = Self.start()
    func status(_ type: String) -> JSONValue {
      var object = Self.applied([:])
      object["spec"] = nil
      object["status"] = [
        "conditions": [["type": .string(type), "status": "True", "lastTransitionTime": "2026-11-23T00:00:00Z"]]
      ]
      return object
    }
    harness.apply(Self.path + "/status?fieldManager=one&force=true", status("Ready"))
    let both = harness.apply(Self.path + "/status?fieldManager=two&force=true", status("Degraded")).document
    let types = (both[path: "status", "conditions"]?.arrayValue ?? []).compactMap { $0["type"] }
    #expect(types == ["Ready", "Degraded"])
    var nothing = status("Degraded")
    nothing["status"] = [:]
    let one = harness.apply(Self.path + "/status?fieldManager=two&force=true", nothing).document
    #expect((one[path: "status", "conditions"]?.arrayValue ?? []).compactMap { $0["type"] } == ["Ready"])
  }

  @Test func aManagerIsRequired() {
    var harness = Self.start()
    let reply = harness.apply(Self.path, Self.applied([:]))
    #expect(reply.code == 422)
    #expect(
      reply.message
        == "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch")
  }

  @Test func fieldSetsSurviveTheirDocument() {
    let document: JSONValue = [
      "f:metadata": ["f:finalizers": [".": [:], "v:\"x.dev/y\"": [:]]],
      "f:spec": ["f:ports": ["k:{\"port\":80,\"protocol\":\"TCP\"}": [".": [:], "f:port": [:]]]],
    ]
    #expect(FieldSet(document: document).document == document)
  }

  @Test func updatersAreBounded() {
    var harness = Self.start()
    for index in 0..<14 {
      harness.now += 1
      harness.merge(
        Self.path + "?fieldManager=m\(index)", ["metadata": ["labels": ["l\(index)": "x"]]])
    }
    let entries = harness.get(Self.path).document[path: "metadata", "managedFields"]?.arrayValue ?? []
    #expect(entries.filter { $0["operation"] == "Update" }.count == ManagedFields.updaterLimit)
    #expect(entries.contains { $0["manager"] == "ancient-changes" })
  }
}
