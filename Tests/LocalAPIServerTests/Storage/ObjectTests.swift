import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct ObjectTests {
  @Test func createdObjectsGetIdentityDefaultsAndOwner() {
    var harness = Harness()
    let reply = harness.create(Harness.workflows + "?fieldManager=me", Harness.workflow("a"))
    #expect(reply.code == 201)
    #expect(reply.document[path: "metadata", "namespace"] == "default")
    #expect(reply.document[path: "metadata", "generation"] == 1)
    #expect(reply.document[path: "metadata", "uid"]?.stringValue?.count == 36)
    #expect(reply.document[path: "spec", "sharedMemory"] == "256Mi")
    #expect(reply.document[path: "metadata", "managedFields"]?[0]?["manager"] == "me")
  }

  @Test func namesAreUniqueAndGenerated() {
    var harness = Harness()
    #expect(harness.create(Harness.workflows, Harness.workflow("a")).code == 201)
    let again = harness.create(Harness.workflows, Harness.workflow("a"))
    #expect(again.code == 409)
    #expect(again.message == "workflows.pheromone.dev \"a\" already exists")
    var unnamed = Harness.workflow("x")
    unnamed["metadata"] = ["generateName": "gen-"]
    let name = harness.create(Harness.workflows, unnamed).document[path: "metadata", "name"]?.stringValue ?? ""
    #expect(name.hasPrefix("gen-") && name.count == 9)
  }

  @Test func staleUpdatesConflict() throws {
    var harness = Harness()
    var object = harness.create(Harness.workflows, Harness.workflow("a")).document
    object[path: "spec", "replicas"] = 3
    let first = harness.send("PUT", Harness.workflows + "/a", object)
    #expect(first.code == 200)
    #expect(first.document[path: "metadata", "generation"] == 2)
    object[path: "spec", "replicas"] = 4
    let stale = harness.send("PUT", Harness.workflows + "/a", object)
    #expect(stale.code == 409 && stale.reason == "Conflict")
    object[path: "metadata", "resourceVersion"] = nil
    #expect(harness.send("PUT", Harness.workflows + "/a", object).code == 422)
  }

  @Test func anUpdateThatChangesNothingStoresNothing() {
    var harness = Harness()
    let object = harness.create(Harness.workflows, Harness.workflow("a")).document
    let count = harness.changes.count
    let same = harness.merge(Harness.workflows + "/a", ["spec": ["replicas": 1]])
    #expect(same.document[path: "metadata", "resourceVersion"] == object[path: "metadata", "resourceVersion"])
    #expect(harness.changes.count == count)
  }

  @Test func labelsDoNotCountAsGenerations() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let labelled = harness.merge(Harness.workflows + "/a", ["metadata": ["labels": ["x": "y"]]])
    #expect(labelled.document[path: "metadata", "generation"] == 1)
    let bad = harness.merge(Harness.workflows + "/a", ["metadata": ["labels": ["x": "no spaces"]]])
    #expect(bad.code == 422)
  }

  @Test func specAndStatusHaveDoorsOfTheirOwn() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let main = harness.merge(Harness.workflows + "/a", ["status": ["ready": "1/1"]])
    #expect(main.document["status"] == nil)
    let status = harness.merge(
      Harness.workflows + "/a/status", ["spec": ["replicas": 9], "status": ["ready": "1/1"]])
    #expect(status.document[path: "status", "ready"] == "1/1")
    #expect(status.document[path: "spec", "replicas"] == 1)
    #expect(status.document[path: "metadata", "generation"] == 1)
  }

  @Test func scaleReadsAndWritesReplicas() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    harness.merge(Harness.workflows + "/a/status", ["status": ["replicas": 2, "selector": "x=y"]])
    let scale = harness.get(Harness.workflows + "/a/scale").document
    #expect(scale["status"] == ["replicas": 2, "selector": "x=y"])
    #expect(harness.merge(Harness.workflows + "/a/scale", ["spec": ["replicas": 5]]).code == 200)
    let object = harness.get(Harness.workflows + "/a").document
    #expect(object[path: "spec", "replicas"] == 5)
    #expect(object[path: "metadata", "generation"] == 2)
    #expect(harness.merge(Harness.workflows + "/a/scale", ["spec": ["replicas": -1]]).code == 422)
  }

  @Test func dryRunAnswersAndForgets() {
    var harness = Harness()
    let dry = harness.create(Harness.workflows + "?dryRun=All", Harness.workflow("a"))
    #expect(dry.code == 201)
    #expect(dry.document[path: "metadata", "resourceVersion"] == nil)
    #expect(harness.get(Harness.workflows + "/a").code == 404)
  }

  @Test func unknownFieldsAreRefusedWarnedOfOrDropped() {
    var harness = Harness()
    var object = Harness.workflow("a")
    object[path: "spec", "replica"] = 3
    let strict = harness.create(Harness.workflows + "?fieldValidation=Strict", object)
    #expect(strict.code == 400)
    #expect(
      strict.message
        == "Workflow in version \"v1alpha1\" cannot be handled as a Workflow: strict decoding error: unknown field \"spec.replica\""
    )
    let warned = harness.create(Harness.workflows, object)
    #expect(warned.warnings == ["unknown field \"spec.replica\""])
    #expect(warned.document[path: "spec", "replica"] == nil)
    var pod = Harness.pod("p")
    pod[path: "spec", "contaners"] = []
    #expect(
      harness.create(Harness.pods + "?fieldValidation=Strict", pod).message.contains("unknown field \"spec.contaners\"")
    )
  }

  @Test func listsSelectAndPage() {
    var harness = Harness()
    for name in ["a", "b", "c"] {
      var object = Harness.workflow(name)
      object[path: "metadata", "labels"] = ["tier": name == "b" ? "gold" : "tin"]
      harness.create(Harness.workflows, object)
    }
    #expect(harness.get(Harness.workflows + "?labelSelector=tier%3Dgold").names == ["b"])
    #expect(harness.get(Harness.workflows + "?labelSelector=tier%20in%20(gold,tin),tier!%3Dgold").names == ["a", "c"])
    #expect(harness.get(Harness.workflows + "?fieldSelector=metadata.name%3Dc").names == ["c"])
    let bad = harness.get(Harness.workflows + "?fieldSelector=spec.entry%3Dx")
    #expect(bad.code == 400 && bad.message == "field label not supported: spec.entry")
    let first = harness.get(Harness.workflows + "?limit=2")
    #expect(first.names == ["a", "b"])
    #expect(first.document[path: "metadata", "remainingItemCount"] == 1)
    let token = first.document[path: "metadata", "continue"]?.stringValue ?? ""
    #expect(harness.get(Harness.workflows + "?limit=2&continue=\(token)").names == ["c"])
    #expect(harness.get("/apis/pheromone.dev/v1alpha1/workflows").names == ["a", "b", "c"])
  }

  @Test func eventsHaveTwoFacesAndOneStore() {
    var harness = Harness()
    let path = "/apis/events.k8s.io/v1/namespaces/default/events"
    let event: JSONValue = [
      "metadata": ["name": "e"], "eventTime": "2026-11-23T00:00:00.000000Z", "reportingController": "c",
      "reportingInstance": "i", "action": "A", "reason": "R", "type": "Normal", "note": "text",
      "regarding": ["kind": "Workflow", "namespace": "default", "name": "a"],
    ]
    #expect(harness.create(path, event).code == 201)
    let core = harness.get("/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Da")
    #expect(core.items.first?["message"] == "text")
    #expect(core.items.first?["apiVersion"] == "v1")
    #expect(harness.get(path + "/e").document["note"] == "text")
    harness.now += 3000
    _ = harness.state.tick(now: harness.now)
    #expect(harness.get(path + "/e").code == 200, "an event's age counts from when it was created, if that is later")
    harness.now += 3601
    _ = harness.state.tick(now: harness.now)
    #expect(harness.get(path + "/e").code == 404)
  }

  @Test func definitionsMakeAndUnmakeKinds() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let definition = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/workflows.pheromone.dev"
    let conditions = harness.get(definition).document[path: "status", "conditions"]?.arrayValue ?? []
    #expect(conditions.contains { $0["type"] == "Established" && $0["status"] == "True" })
    #expect(harness.delete(definition).code == 200)
    #expect(harness.get(Harness.workflows).code == 404)
  }

  @Test func unknownPathsAreNotFound() {
    var harness = Harness()
    let reply = harness.get("/apis/example.com/v1/things")
    #expect(reply.code == 404)
    #expect(reply.document == "404 page not found\n")
    #expect(harness.create(Harness.pods + "/x/status", [:]).code == 405)
    #expect(harness.create("/api/v1/namespaces/none/pods", Harness.pod("p")).message == "namespaces \"none\" not found")
  }
}
