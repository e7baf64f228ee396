package import Dataflow
package import KubernetesAPI

/// The static check of a workflow with the buckets that name it, from the resources themselves.
package enum SoundnessCheck {
  /// All findings, in a stable order; nothing but warnings for a sound workflow.
  package static func findings(workflow: KubernetesObject, buckets: [KubernetesObject]) -> [Finding] {
    var findings: [Finding] = []
    let spec: WorkflowSpec? = decode(workflow, &findings)
    var specs: [String: BucketSpec] = [:]
    for bucket in buckets.sorted(by: { $0.name < $1.name }) where !bucket.isBeingDeleted {
      specs[bucket.name] = decode(bucket, &findings)
    }
    guard findings.isEmpty, let spec else { return findings }
    return PlanCompiler.compile(
      namespace: workflow.namespace ?? "", workflow: workflow.name, spec: spec, buckets: specs
    ).findings
  }

  private static func decode<Spec: Decodable>(_ object: KubernetesObject, _ findings: inout [Finding]) -> Spec? {
    let resource = "\(object.kind)/\(object.name)"
    do {
      return try (object["spec"] ?? .emptyObject).decode(Spec.self)
    } catch let error as DecodingError {
      findings.append(Finding(decodingError: error, resource: resource))
    } catch {
      findings.append(
        Finding(resource: resource, field: "spec", message: "\(error)", remedy: "see kubectl explain"))
    }
    return nil
  }
}
