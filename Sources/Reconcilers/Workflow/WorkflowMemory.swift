import Dataflow
import FoundationEssentials
import KubernetesAPI

/// What the reconciler remembers of one workflow between two looks at it. Losing it (a restart) costs a repeated
/// question to the API server, never a pod.
struct WorkflowMemory: Sendable {
  var uid: String
  var ledger = PodLedger()
  var backoff = ReplacementBackoff()
  var template: CheckedTemplate?
  /// The budget was applied, and the cache has shown no change of it since.
  var awaitsBudget = false
  /// How the last pod ended that did so by itself. It is told while its replacement waits, when the pod is gone already.
  var lastEnding: PodEnding?

  init(uid: String) { self.uid = uid }

  struct CheckedTemplate: Sendable {
    var revision: String
    var findings: [Finding]
    var at: Date

    /// A refusal is asked about again after this, since labels of the namespace and policies change.
    static let patience: TimeInterval = 30
  }

  /// What is known of the template of a revision; nil means that it is time to ask.
  func knownTemplateFindings(revision: String, now: Date) -> [Finding]? {
    guard let template, template.revision == revision else { return nil }
    let isStale = !template.findings.isEmpty && now.timeIntervalSince(template.at) >= CheckedTemplate.patience
    return isStale ? nil : template.findings
  }
}
