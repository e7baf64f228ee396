import Foundation
import KubernetesAPI
import KubernetesClient
import Testing

@testable import LocalAPIServer

/// The manifests of the contract against the definitions of this package.
@Suite struct ManifestTests {
  /// These are refused by rules in CEL alone, which the local cluster leaves to the controller's static check.
  private static let rulesOnly: Set<String> = [
    "reject-bucket-no-primitive.json", "reject-bucket-take-more-than-count.json", "reject-bucket-two-primitives.json",
    "reject-bucket-window-tiny.json", "reject-workflow-entry-unknown.json", "reject-workflow-memory-zero.json",
    "reject-workflow-name-too-long.json", "reject-workflow-surge-and-unavailable-zero.json",
    "reject-workflow-timeout-negative.json",
  ]

  @Test func manifestsAreAcceptedAndRefused() throws {
    var harness = Harness()
    for name in ["workflows", "buckets"] {
      let file = Contract.definitions.appending(path: "\(name).yaml")
      for definition in try YAML.parse(String(contentsOf: file, encoding: .utf8), file: file.path) {
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
        let reply = harness.apply("\(path)/\(name).pheromone.dev?fieldManager=test&force=true", definition)
        #expect(reply.code < 300, "\(reply.message)")
      }
    }
    let folder = Contract.manifests
    let lines = try String(contentsOf: folder.appending(path: "expected.txt"), encoding: .utf8).split(separator: "\n")
    #expect(lines.count == 31)
    for line in lines {
      let sides = line.split(separator: "\t", maxSplits: 1).map(String.init)
      let document = try JSONValue(parsing: Data(contentsOf: folder.appending(path: sides[0])))
      let plural = document["kind"] == "Bucket" ? "buckets" : "workflows"
      let path = "/apis/pheromone.dev/v1alpha1/namespaces/default/\(plural)?fieldValidation=Strict&dryRun=All"
      let reply = harness.create(path, document)
      if sides[1] == "accepted" || Self.rulesOnly.contains(sides[0]) {
        #expect(reply.code == 201, "\(sides[0]): \(reply.message)")
        continue
      }
      #expect(reply.code == 422 || reply.code == 400, "\(sides[0])")
      guard let first = reply.document[path: "details", "causes"]?[0] else {
        #expect(sides[1] == reply.message, "\(sides[0])")
        continue
      }
      let text = "\(first["field"]?.stringValue ?? ""): \(first["message"]?.stringValue ?? "")"
      #expect(sides[1].contains(text), "\(sides[0]): \(text)")
    }
  }
}
