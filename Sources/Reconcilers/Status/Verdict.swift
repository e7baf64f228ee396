package import Dataflow

/// Whether a workflow may run as it is written.
package enum Verdict: Sendable, Hashable {
  case accepted
  /// The static check has something against it.
  case unsound([Finding])
  /// The finished pod was refused, by us or by the API server.
  case badTemplate([Finding])

  package var isAccepted: Bool { self == .accepted }

  package var findings: [Finding] {
    switch self {
    case .accepted: []
    case .unsound(let findings), .badTemplate(let findings): findings
    }
  }

  /// `BucketNotFound` where nothing is wrong but that buckets are yet to come, as in the middle of a `kubectl apply`.
  package static func reason(_ findings: [Finding]) -> String {
    let areMissing = findings.allSatisfy { $0.field.hasPrefix("spec.functions[") && $0.field.contains(".outputs[") }
    return areMissing ? "BucketNotFound" : "Unsound"
  }

  /// What a condition that is True says of warnings, after its message.
  package static func suffix(_ warnings: [Finding]) -> String {
    warnings.isEmpty ? "" : ". But look at this: \(text(warnings))"
  }

  /// Findings as one text for a condition; the first few of them, and how many more there are.
  package static func text(_ findings: [Finding], limit: Int = 5) -> String {
    let shown = findings.prefix(limit).map(\.description).joined(separator: ". ")
    let more = findings.count - min(findings.count, limit)
    return more > 0 ? "\(shown). And \(more) more; `pheromone lint` lists all" : shown
  }
}
