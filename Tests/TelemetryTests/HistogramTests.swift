import Testing

@testable import Telemetry

@Suite struct HistogramTests {
  @Test(arguments: 1...20) func `every value is in the first class that is wide enough`(seed: UInt64) {
    var state = seed
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 40) / Double(1 << 24) * 2
    }
    var histogram = Histogram.fast
    let values = (0..<500).map { _ in random() * random() * random() }
    for value in values { histogram.observe(value) }
    for (bound, count) in histogram.cumulative {
      #expect(Int(count) == values.count { $0 <= bound ?? .infinity })
    }
    #expect(histogram.count == 500)
    #expect(abs(histogram.sum - values.reduce(0, +)) < 1e-9)
  }

  @Test func `bounds belong to their class, and no number to none`() {
    var histogram = Histogram(bounds: [1])
    for value: Double in [1, .infinity, -.infinity, .nan] { histogram.observe(value) }
    #expect(histogram.cumulative.map(\.count) == [2, 3])
    histogram.observe(.milliseconds(500))
    #expect(histogram.cumulative.map(\.count) == [3, 4])
  }

  @Test(arguments: [Histogram.fast, .slow]) func `bounds grow`(histogram: Histogram) {
    #expect(zip(histogram.bounds, histogram.bounds.dropFirst()).allSatisfy(<))
  }
}
