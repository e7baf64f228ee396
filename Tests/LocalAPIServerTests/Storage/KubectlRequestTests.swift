import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

/// Plays the requests that kubectl makes, as they were recorded before a real API server, and compares how they are
/// answered. The record has no bodies; what stands here for them is the least that leads to the recorded answer.
@Suite struct KubectlRequestTests {
  /// Refused by rules in CEL alone, which the local API server leaves to the controller.
  private static let rulesOnly = ["reject-workflow-entry-unknown", "reject-bucket-two-primitives"]

  /// JSON goes out where a real API server prefers protobuf among what kubectl accepts, or calls its JSON text.
  private static let writtenAsJSON = ["application/vnd.kubernetes.protobuf", "text/plain; charset=utf-8"]

  @Test func answersAgree() throws {
    var harness = Harness()
    let lines = try Contract.kubectlRequests()
    #expect(lines.count > 80)
    // Of `get -w` the answers are not on record.
    for line in lines where line.code != 0 {
      if line.method == "POST", Self.rulesOnly.contains(where: line.command.contains) { continue }
      let reply = harness.send(
        line.method, line.path, Self.body(of: line), type: line.contentType, accept: line.accept)
      let place = "\(line.command): \(line.method) \(line.path)"
      #expect(reply.code == line.code, "\(place): \(reply.message)")
      let type = Self.writtenAsJSON.contains(line.answerType) ? "application/json" : line.answerType
      #expect(reply.contentType == type, "\(place)")
    }
  }

  private static func body(of line: Contract.Line) -> JSONValue? {
    var workflow = Harness.workflow("wordcount")
    let isBucket = line.path.contains("/buckets")
    let bucket: JSONValue = [
      "apiVersion": "pheromone.dev/v1alpha1", "kind": "Bucket", "metadata": ["name": "words"],
      "spec": ["workflow": "wordcount", "triggers": [["name": "t", "target": "count", "immediate": [:]]]],
    ]
    switch (line.method, line.contentType) {
    case ("POST", _):
      if line.command.contains("unknown-field") { workflow[path: "spec", "replica"] = 3 }
      return isBucket ? bucket : workflow
    case ("PATCH", "application/json-patch+json"): return []
    case ("PATCH", "application/apply-patch+yaml"):
      // Another number than that of `kubectl patch`, which owns the field by then.
      workflow[path: "spec", "replicas"] = 2
      return isBucket ? bucket : workflow
    case ("PATCH", _):
      return line.path.contains("kubectl-patch") ? ["spec": ["replicas": 1]] : [:]
    default: return nil
    }
  }
}
