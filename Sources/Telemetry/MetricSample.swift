/// One value of a metric, with its labels.
package struct MetricSample: Sendable, Hashable {
  package var labels: [MetricLabel]
  package var value: Double

  package init(_ value: Double, _ labels: [MetricLabel] = []) {
    self.value = value
    self.labels = labels
  }

  /// Beyond 2^53 to the nearest that a double can say, as in Prometheus itself.
  package init(_ value: some BinaryInteger, _ labels: [MetricLabel] = []) { self.init(Double(value), labels) }

  /// Whole numbers without a fraction.
  static func text(_ value: Double) -> String { Int64(exactly: value).map { "\($0)" } ?? "\(value)" }
}

extension MetricSample: CustomStringConvertible {
  /// What stands behind the metric's name on its line.
  package var description: String {
    let labels = labels.isEmpty ? "" : "{\(labels.map(\.description).joined(separator: ","))}"
    return "\(labels) \(Self.text(value))"
  }
}
