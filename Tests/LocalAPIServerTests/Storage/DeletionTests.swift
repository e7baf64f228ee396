import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct DeletionTests {
  @Test func finalizersHoldObjectsBack() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    harness.merge(Harness.workflows + "/a", ["metadata": ["finalizers": ["x.dev/y"]]])
    let marked = harness.delete(Harness.workflows + "/a").document
    #expect(marked[path: "metadata", "deletionTimestamp"] != nil)
    #expect(marked[path: "metadata", "generation"] == 2)
    let added = harness.merge(Harness.workflows + "/a", ["metadata": ["finalizers": ["x.dev/y", "x.dev/z"]]])
    #expect(added.code == 422)
    harness.merge(Harness.workflows + "/a", ["metadata": ["finalizers": []]])
    #expect(harness.get(Harness.workflows + "/a").code == 404)
    #expect(harness.changes.last?.kind == .deleted)
  }

  /// As Helm sends them.
  @Test func optionsMayBeProtobuf() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    func delete(_ options: [UInt8]) -> Harness.Reply {
      var request = APIRequest(method: "DELETE", path: Harness.workflows + "/a")
      request.contentType = "application/vnd.kubernetes.protobuf"
      request.body = Data([0x6b, 0x38, 0x73, 0x00, 0x12, UInt8(options.count)] + options)
      return harness.send(request)
    }
    // Field 2 is the preconditions, whose field 1 is a UID.
    let reply = delete([0x12, 0x07, 0x0a, 0x05] + Array("other".utf8))
    #expect(reply.code == 409)
    #expect(reply.message.contains("the UID in the precondition (other) does not match the UID in record"))
    #expect(delete([0x22, 0x04] + Array("Else".utf8)).code == 422)
    #expect(delete([]).code == 200)
    #expect(harness.get(Harness.workflows + "/a").code == 404)
  }

  @Test func preconditionsProtectNewerObjects() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let reply = harness.delete(Harness.workflows + "/a", ["preconditions": ["uid": "other"]])
    #expect(reply.code == 409)
    #expect(reply.message.contains("the UID in the precondition (other) does not match the UID in record"))
    #expect(harness.get(Harness.workflows + "/a").code == 200)
  }

  @Test func dependentsGoWithTheirOwner() {
    var harness = Harness()
    let owner = harness.create(Harness.workflows, Harness.workflow("a")).document
    harness.create(Harness.pods, Harness.pod("p", owner: owner))
    harness.create(Harness.pods, Harness.pod("free"))
    harness.delete(Harness.workflows + "/a")
    #expect(harness.get(Harness.pods).names == ["free"])
  }

  @Test func orphansStay() {
    var harness = Harness()
    let owner = harness.create(Harness.workflows, Harness.workflow("a")).document
    harness.create(Harness.pods, Harness.pod("p", owner: owner))
    harness.delete(Harness.workflows + "/a", ["propagationPolicy": "Orphan"])
    let pod = harness.get(Harness.pods + "/p")
    #expect(pod.code == 200)
    #expect(pod.document[path: "metadata", "ownerReferences"] == nil)
  }

  @Test func foregroundWaitsForDependents() {
    var harness = Harness()
    let owner = harness.create(Harness.workflows, Harness.workflow("a")).document
    harness.create(Harness.pods, Harness.pod("p", owner: owner))
    harness.create(Harness.pods + "/p/binding", ["target": ["name": "n"]])
    let marked = harness.delete(Harness.workflows + "/a?propagationPolicy=Foreground").document
    #expect(marked[path: "metadata", "finalizers"] == ["foregroundDeletion"])
    #expect(harness.get(Harness.workflows + "/a").code == 200, "its pod is still stopping")
    harness.delete(Harness.pods + "/p", ["gracePeriodSeconds": 0])
    #expect(harness.get(Harness.workflows + "/a").code == 404)
  }

  @Test func abandonedObjectsAreCollectedAtTheNextTick() {
    var harness = Harness()
    let owner: JSONValue = ["metadata": ["name": "gone", "uid": "0-0"]]
    harness.create(Harness.pods, Harness.pod("p", owner: owner))
    #expect(harness.get(Harness.pods).names == ["p"])
    _ = harness.state.tick(now: harness.now)
    #expect(harness.get(Harness.pods).names == [])
  }

  @Test func podsOnANodeStopGracefully() {
    var harness = Harness()
    harness.create(Harness.pods, Harness.pod("p"))
    harness.create(Harness.pods + "/p/binding", ["target": ["name": "n"]])
    let marked = harness.delete(Harness.pods + "/p").document
    #expect(marked[path: "metadata", "deletionGracePeriodSeconds"] == 30)
    #expect(
      harness.delete(Harness.pods + "/p", ["gracePeriodSeconds": 5]).document[
        path: "metadata", "deletionGracePeriodSeconds"] == 5)
    #expect(
      harness.delete(Harness.pods + "/p", ["gracePeriodSeconds": 60]).document[
        path: "metadata", "deletionGracePeriodSeconds"] == 5)
    #expect(harness.delete(Harness.pods + "/p", ["gracePeriodSeconds": 0]).code == 200)
    #expect(harness.get(Harness.pods + "/p").code == 404)
  }

  @Test func podsWithoutANodeGoAtOnce() {
    var harness = Harness()
    harness.create(Harness.pods, Harness.pod("p"))
    harness.delete(Harness.pods + "/p")
    #expect(harness.get(Harness.pods + "/p").code == 404)
  }

  @Test func namespacesTakeTheirContentWithThem() {
    var harness = Harness()
    harness.create("/api/v1/namespaces", ["metadata": ["name": "tmp"]])
    harness.create("/api/v1/namespaces/tmp/pods", Harness.pod("p"))
    harness.create("/api/v1/namespaces/tmp/pods/p/binding", ["target": ["name": "n"]])
    let marked = harness.delete("/api/v1/namespaces/tmp").document
    #expect(marked[path: "status", "phase"] == "Terminating")
    let refused = harness.create("/api/v1/namespaces/tmp/configmaps", ["metadata": ["name": "c"]])
    #expect(refused.code == 403)
    #expect(
      refused.message
        == "configmaps \"c\" is forbidden: unable to create new content in namespace tmp because it is being terminated"
    )
    #expect(harness.get("/api/v1/namespaces/tmp").code == 200)
    harness.delete("/api/v1/namespaces/tmp/pods/p", ["gracePeriodSeconds": 0])
    #expect(harness.get("/api/v1/namespaces/tmp").code == 404)
  }

  @Test func collectionsAreDeletedBySelector() {
    var harness = Harness()
    for name in ["a", "b"] {
      var object = Harness.workflow(name)
      object[path: "metadata", "labels"] = ["name": .string(name)]
      harness.create(Harness.workflows, object)
    }
    #expect(harness.delete(Harness.workflows + "?labelSelector=name%3Da").names == ["a"])
    #expect(harness.get(Harness.workflows).names == ["b"])
  }

  @Test func evictionDeletesGracefully() {
    var harness = Harness()
    harness.create(Harness.pods, Harness.pod("p"))
    harness.create(Harness.pods + "/p/binding", ["target": ["name": "n"]])
    #expect(harness.create(Harness.pods + "/p/eviction", ["metadata": ["name": "p"]]).code == 201)
    let pod = harness.get(Harness.pods + "/p").document
    #expect(pod[path: "metadata", "deletionTimestamp"] != nil)
    #expect(Columns.condition("DisruptionTarget", of: pod)?["reason"] == "EvictionByEvictionAPI")
  }
}
