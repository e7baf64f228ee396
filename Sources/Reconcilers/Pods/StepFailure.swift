import KubernetesAPI
import KubernetesClient

/// What the API server refused while pods were brought to what is wanted, in the words of a condition.
package struct StepFailure: Error, Sendable {
  package enum Step: Sendable {
    case create, delete, adopt, budget
  }

  package var step: Step
  package var cause: any Error

  package init(_ step: Step, _ cause: any Error) {
    self.step = step
    self.cause = cause
  }

  /// The reason of the condition that reports it.
  package var reason: String {
    switch step {
    case .create: "FailedCreate"
    case .delete: "FailedDelete"
    case .adopt: "FailedAdopt"
    case .budget: "FailedDisruptionBudget"
    }
  }

  /// What happened and what to do. That it is tried again need not be done by anybody.
  package var message: String {
    let what =
      switch step {
      case .create: "cannot create an executor pod"
      case .delete: "cannot delete an executor pod"
      case .adopt: "cannot take over a pod"
      case .budget: "cannot write the PodDisruptionBudget"
      }
    return "\(what): \(PodTrouble.shortened("\(cause)", to: 1024)); \(remedy); it is tried again by itself"
  }

  private var remedy: String {
    guard let error = cause as? KubernetesError else { return "see the log of pheromone-controller" }
    if error.isUnreachable || error.isCertificateProblem { return "see that the API server runs and can be reached" }
    if error.isThrottled { return "the API server has too much to do at present" }
    let text = (error.status?.message ?? error.message).lowercased()
    if step == .create {
      for (words, remedy) in Self.remedies where words.contains(where: text.contains) { return remedy }
    }
    if error.isUnauthorized || error.isForbidden {
      return "give the controller the rights that manifests/install.yaml has"
    }
    return "see the log of the API server, or of whatever of it has refused this"
  }

  /// By what API servers and their admission plugins say.
  private static let remedies: [(words: [String], remedy: String)] = [
    (
      ["must specify limits", "must specify requests"],
      "write what the ResourceQuota counts, as resources in spec.template and as spec.sidecar.resources"
    ),
    (
      ["exceeded quota", "failed quota"],
      "raise the ResourceQuota, or ask for less: spec.replicas, spec.sharedMemory, spec.sidecar.resources, or resources "
        + "in spec.template"
    ),
    (
      ["violates podsecurity"],
      "drop what the namespace's level forbids from spec.template, or relabel the namespace"
    ),
    (
      ["per container is", "per pod is", "limit to request ratio"],
      "stay within the namespace's LimitRange: resources in spec.template, spec.sharedMemory, spec.sidecar.resources"
    ),
    (
      ["error looking up service account"],
      "create the ServiceAccount, or correct serviceAccountName in spec.template"
    ),
    (
      ["priorityclass", "priority class"],
      "create the PriorityClass, or correct priorityClassName in spec.template"
    ),
    (
      ["runtimeclass"],
      "create the RuntimeClass, or correct runtimeClassName in spec.template"
    ),
    (
      ["admission webhook", "validatingadmissionpolicy", "denied request"],
      "change spec.template so that this policy of your cluster allows it, or ask whoever keeps the policy"
    ),
    (
      ["already exists"],
      "another controller's pod has the name; remove that pod, or its label pheromone.dev/workflow"
    ),
  ]
}
