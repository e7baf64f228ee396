package import KubernetesAPI

/// How fast pods are replaced. Percentages are of `spec.replicas`; surge rounds up and unavailability down, as
/// Deployments do it:
///
///     replicas   maxSurge 25%   maxUnavailable 25%
///            1              1                    0
///            2              1                    0
///            4              1                    1
///            5              2                    1
package struct RolloutStrategy: Sendable, Hashable {
  package var maxSurge: Amount
  package var maxUnavailable: Amount

  package enum Amount: Sendable, Hashable {
    case pods(Int)
    case percent(Int)

    init?(_ value: JSONValue?) {
      if let number = value?.intValue {
        self = .pods(max(number, 0))
      } else if let text = value?.stringValue, text.hasSuffix("%"), let percent = Int(text.dropLast()) {
        self = .percent(min(max(percent, 0), 100))
      } else {
        return nil
      }
    }

    func resolved(of replicas: Int, roundingUp: Bool) -> Int {
      switch self {
      case .pods(let count): count
      case .percent(let percent): (replicas * percent + (roundingUp ? 99 : 0)) / 100
      }
    }
  }

  package init(maxSurge: Amount = .pods(1), maxUnavailable: Amount = .pods(0)) {
    self.maxSurge = maxSurge
    self.maxUnavailable = maxUnavailable
  }

  package init(_ rollingUpdate: JSONValue) {
    self.init(
      maxSurge: Amount(rollingUpdate["maxSurge"]) ?? .pods(1),
      maxUnavailable: Amount(rollingUpdate["maxUnavailable"]) ?? .pods(0))
  }

  /// The pods that may be there beyond `replicas`, and those of them that may be missing. Never both zero, or nothing
  /// would ever move: two percentages can round to zero together, and then one pod may be unavailable.
  package func resolved(replicas: Int) -> (surge: Int, unavailable: Int) {
    let surge = maxSurge.resolved(of: replicas, roundingUp: true)
    let unavailable = min(maxUnavailable.resolved(of: replicas, roundingUp: false), replicas)
    return surge == 0 && unavailable == 0 ? (0, 1) : (surge, unavailable)
  }
}
