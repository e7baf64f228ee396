/// Many readings of one figure.
struct Samples {
  private(set) var values: [Double] = []

  mutating func add(_ value: Double) { values.append(value) }
  mutating func add(_ more: [Double]) { values += more }

  var isEmpty: Bool { values.isEmpty }
  var median: Double { quantile(0.5) }
  var p99: Double { quantile(0.99) }

  /// The value that so much of all is below; zero of none.
  func quantile(_ share: Double) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]
  }
}
