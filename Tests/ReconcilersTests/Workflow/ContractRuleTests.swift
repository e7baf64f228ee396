import Dataflow
import Foundation
import KubernetesAPI
import KubernetesClient
import Reconcilers
import Testing

/// What an API server refuses by rules in CEL, the controller refuses too: not every API server evaluates them.
@Suite struct ContractRuleTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "EndToEndTests/Fixtures/Contract")

  private func manifest(_ name: String) throws -> KubernetesObject {
    let file = Self.folder.appending(path: "\(name).json")
    let object = try YAML.parse(String(contentsOf: file, encoding: .utf8), file: file.path)
    return KubernetesObject(try #require(object.first))
  }

  @Test(arguments: [
    ("reject-bucket-no-primitive", "spec.triggers[0]"),
    ("reject-bucket-two-primitives", "spec.triggers[0]"),
    ("reject-bucket-take-more-than-count", "spec.triggers[0].redundant.take"),
    ("reject-bucket-window-tiny", "spec.triggers[0].byTime.window"),
    ("reject-workflow-entry-unknown", "spec.entry"),
    ("reject-workflow-memory-zero", "spec.sharedMemory"),
    ("reject-workflow-name-too-long", "metadata.name"),
    ("reject-workflow-surge-and-unavailable-zero", "spec.strategy.rollingUpdate"),
    ("reject-workflow-timeout-negative", "spec.sessionTimeout"),
  ])
  func `the controller names the field`(name: String, field: String) throws {
    let object = try manifest(name)
    let isWorkflow = object.kind == "Workflow"
    let findings = SoundnessCheck.findings(
      workflow: isWorkflow ? object : Fixtures.workflow(), buckets: isWorkflow ? [] : [object])
    #expect(
      findings.contains { $0.isError && $0.resource == "\(object.kind)/\(object.name)" && $0.field == field },
      "\(findings)")
  }

  /// The defaults of the schema count: one zero alone can be one too many.
  @Test(
    arguments: [
      (["maxSurge": 0], false), (["maxSurge": "0%"], false), (["maxSurge": 0, "maxUnavailable": 0], false),
      (["maxSurge": 0, "maxUnavailable": "50%"], true), (["maxUnavailable": 0], true), ([:], true),
    ] as [(JSONValue, Bool)])
  func `a rollout has to be able to move`(rollingUpdate: JSONValue, isSound: Bool) {
    let workflow = Fixtures.workflow { $0["strategy"] = ["rollingUpdate": rollingUpdate] }
    let findings = SoundnessCheck.findings(workflow: workflow, buckets: Fixtures.buckets)
    #expect(findings.map(\.field) == (isSound ? [] : ["spec.strategy.rollingUpdate"]))
  }

  @Test(arguments: ["0s", "-5m"]) func `idleAfter is longer than nothing`(text: String) async throws {
    let cluster = Fixtures.cluster { $0["idleAfter"] = .string(text) }
    _ = try await Fixtures.reconciler(cluster).reconcile(Fixtures.key)
    let accepted = cluster.condition("Accepted", of: "wordcount")
    #expect(accepted?.status == "False")
    #expect(accepted?.message.contains("spec.idleAfter") == true)
  }
}
