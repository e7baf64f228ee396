import KubernetesAPI

/// What tools such as Flux and `kubectl apply --prune` make of a custom resource: the algorithm of the package kstatus of
/// kubernetes-sigs/cli-utils. What comes first decides: a deletion, a generation that was not observed, the conditions
/// `Reconciling` and `Stalled` in the order in which they stand, `Ready`.
enum Kstatus: String {
  case terminating = "Terminating"
  case inProgress = "InProgress"
  case failed = "Failed"
  case current = "Current"

  init(_ object: KubernetesObject) {
    let conditions = object["status", "conditions"]?.arrayValue ?? []
    let observed = object["status", "observedGeneration"]?.intValue
    let telling = conditions.first {
      $0["status"] == "True" && ($0["type"] == "Reconciling" || $0["type"] == "Stalled")
    }
    let ready = conditions.first { $0["type"] == "Ready" }
    if object.isBeingDeleted {
      self = .terminating
    } else if let observed, observed != object.generation {
      self = .inProgress
    } else if let telling {
      self = telling["type"] == "Reconciling" ? .inProgress : .failed
    } else if let ready {
      self = ready["status"] == "True" ? .current : .inProgress
    } else {
      self = .current
    }
  }
}
