import Foundation
import KubernetesAPI
import KubernetesClient
import Testing

@testable import LocalAPIServer

/// What the controller of HorizontalPodAutoscalers (autoscaling/v2) reads and writes of what it scales: it finds the
/// subresource by discovery, reads a `Scale`, counts the pods that its selector chooses, and puts the `Scale` back.
@Suite struct AutoscalerTests {
  private static let workflow = Harness.workflows + "/a"

  /// A workflow as the controller reports it, with its pods, under the definitions of this package.
  private static func harness(replicas: Int64) throws -> Harness {
    var harness = Harness()
    let file = Contract.definitions.appending(path: "workflows.yaml")
    for definition in try YAML.parse(String(contentsOf: file, encoding: .utf8), file: file.path) {
      let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/workflows.pheromone.dev"
      let reply = harness.apply("\(path)?fieldManager=test&force=true", definition)
      #expect(reply.code < 300, "\(reply.message)")
    }
    var workflow = Harness.workflow("a")
    workflow[path: "spec", "replicas"] = .integer(replicas)
    #expect(harness.create(Harness.workflows, workflow).code == 201)
    let status: JSONValue = [
      "apiVersion": "pheromone.dev/v1alpha1", "kind": "Workflow", "metadata": ["name": "a"],
      "status": ["replicas": .integer(replicas), "selector": "pheromone.dev/workflow=a"],
    ]
    let applied = harness.apply(workflowStatus, status)
    #expect(applied.code == 200, "\(applied.message)")
    for number in 0..<replicas {
      var pod = Harness.pod("a-\(number)")
      pod[path: "metadata", "labels"] = ["pheromone.dev/workflow": "a"]
      #expect(harness.create(Harness.pods, pod).code == 201)
    }
    harness.create(Harness.pods, Harness.pod("other"))
    return harness
  }

  private static let workflowStatus = workflow + "/status?fieldManager=pheromone-controller&force=true"

  @Test func findsReadsAndWritesTheScale() throws {
    var harness = try Self.harness(replicas: 2)
    let resources = harness.get("/apis/pheromone.dev/v1alpha1").document["resources"]?.arrayValue ?? []
    let subresource = resources.first { $0["name"] == "workflows/scale" }
    #expect(subresource?["kind"] == "Scale")
    #expect(subresource?["group"] == "autoscaling" && subresource?["version"] == "v1")
    #expect(Set(subresource?["verbs"]?.arrayValue ?? []) == ["get", "patch", "update"])

    var scale = harness.get(Self.workflow + "/scale").document
    #expect(scale["apiVersion"] == "autoscaling/v1" && scale["kind"] == "Scale")
    #expect(scale[path: "metadata", "name"] == "a" && scale[path: "metadata", "namespace"] == "default")
    #expect(scale[path: "spec", "replicas"] == 2)
    #expect(scale[path: "status", "replicas"] == 2)
    let selector = try #require(scale[path: "status", "selector"]?.stringValue)
    let chosen = harness.get(Harness.pods + "?labelSelector=\(selector)")
    #expect(chosen.names == ["a-0", "a-1"], "an average is over the pods of the workflow, and no others")

    // Twice the load: it writes the whole Scale back, with the version that it has read.
    scale[path: "spec", "replicas"] = 4
    let written = harness.send("PUT", Self.workflow + "/scale?fieldManager=kube-controller-manager", scale)
    #expect(written.code == 200, "\(written.message)")
    #expect(written.document[path: "spec", "replicas"] == 4)
    #expect(written.document[path: "status", "replicas"] == 2, "what is there has not changed yet")
    let stale = harness.send("PUT", Self.workflow + "/scale?fieldManager=kube-controller-manager", scale)
    #expect(stale.code == 409, "it reads again after somebody else has written")
  }

  @Test func ownsTheNumberThatItHasWritten() throws {
    var harness = try Self.harness(replicas: 2)
    var scale = harness.get(Self.workflow + "/scale").document
    scale[path: "spec", "replicas"] = 4
    harness.send("PUT", Self.workflow + "/scale?fieldManager=kube-controller-manager", scale)
    let object = harness.get(Self.workflow).document
    #expect(object[path: "spec", "replicas"] == 4)
    let owner = (object[path: "metadata", "managedFields"]?.arrayValue ?? []).filter {
      $0[path: "fieldsV1", "f:spec", "f:replicas"] != nil
    }
    #expect(owner.count == 1)
    #expect(owner.first?["manager"] == "kube-controller-manager" && owner.first?["subresource"] == "scale")

    // Who applies without the field leaves the number alone; who applies another one is told.
    var manifest = Harness.workflow("a")
    #expect(harness.apply(Self.workflow + "?fieldManager=team", manifest).code == 200)
    #expect(harness.get(Self.workflow).document[path: "spec", "replicas"] == 4)
    manifest[path: "spec", "replicas"] = 1
    #expect(harness.apply(Self.workflow + "?fieldManager=team", manifest).code == 409)
  }

  /// At zero the autoscaler rests, which it sees by `spec.replicas`.
  @Test func restsAtZero() throws {
    var harness = try Self.harness(replicas: 0)
    let scale = harness.get(Self.workflow + "/scale").document
    #expect(scale[path: "spec", "replicas"] == 0 && scale[path: "status", "replicas"] == 0)
    #expect(scale[path: "status", "selector"] == "pheromone.dev/workflow=a")
  }
}
