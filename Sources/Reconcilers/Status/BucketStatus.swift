package import Dataflow
package import FoundationEssentials
package import KubernetesAPI

/// The part of a bucket's status that the controller owns: its conditions. Counters are the coordinator's.
package struct BucketStatus: Sendable {
  package var bucket: KubernetesObject
  /// Nil while there is no such workflow.
  package var workflow: KubernetesObject?
  /// All that the static check of the workflow has found.
  package var findings: [Finding]

  package init(bucket: KubernetesObject, workflow: KubernetesObject?, findings: [Finding]) {
    self.bucket = bucket
    self.workflow = workflow
    self.findings = findings
  }

  package static let ownedConditions: Set<String> = ["Accepted", "Ready", "Stalled"]

  package func document(now: Date) -> JSONValue {
    [
      "observedGeneration": .integer(Int64(bucket.generation)),
      "conditions": StatusConditions.merged(
        conditions(), previous: bucket["status", "conditions"], owned: Self.ownedConditions,
        generation: bucket.generation, now: now),
    ]
  }

  package func conditions() -> [Condition] {
    let name = bucket["spec", "workflow"]?.stringValue ?? ""
    guard workflow != nil else {
      return [
        Condition(
          type: "Accepted", status: "False", reason: "WorkflowNotFound",
          message: "there is no Workflow \"\(name)\" in this namespace; the bucket waits for it: create it, or correct "
            + "spec.workflow in a new bucket"),
        Condition(
          type: "Ready", status: "False", reason: "WorkflowNotFound",
          message: "the bucket waits for Workflow \"\(name)\""),
      ]
    }
    let own = findings.filter { $0.resource == "Bucket/\(bucket.name)" }
    let errors = own.filter(\.isError)
    if !errors.isEmpty {
      return [
        Condition(type: "Accepted", status: "False", reason: "Unsound", message: Verdict.text(errors)),
        Condition(
          type: "Ready", status: "False", reason: "NotAccepted", message: "see the condition Accepted of this bucket"),
        // Only while it is true: that tools wait no longer is all that it is for.
        Condition(
          type: "Stalled", status: "True", reason: "Unsound",
          message: "nothing goes on before this is corrected: \(Verdict.text(errors))"),
      ]
    }
    let accepted = Condition(
      type: "Accepted", status: "True", reason: "Accepted",
      message: "the bucket agrees with Workflow \"\(name)\"" + Verdict.suffix(own))
    if findings.contains(where: \.isError) {
      return [
        accepted,
        Condition(
          type: "Ready", status: "False", reason: "WorkflowNotAccepted",
          message: "Workflow \"\(name)\" is not accepted; see its condition Accepted"),
      ]
    }
    return [
      accepted,
      Condition(type: "Ready", status: "True", reason: "Ready", message: "objects can be put into the bucket"),
    ]
  }
}
