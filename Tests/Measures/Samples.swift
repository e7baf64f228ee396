/// Many readings of one figure.
package struct Samples {
  package private(set) var values: [Double] = []

  package init(_ values: [Double] = []) { self.values = values }

  package mutating func add(_ value: Double) { values.append(value) }
  package mutating func add(_ more: [Double]) { values += more }

  package var isEmpty: Bool { values.isEmpty }
  package var median: Double { quantile(0.5) }
  package var p99: Double { quantile(0.99) }

  /// The value that so much of all is below; zero of none.
  package func quantile(_ share: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }
}
