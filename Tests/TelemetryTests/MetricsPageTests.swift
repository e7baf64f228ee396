import Testing

@testable import Telemetry

@Suite struct MetricsPageTests {
  @Test func `each metric has its help and its type before its values`() {
    var page = MetricsPage()
    page.gauge("pheromone_a", "What a is.", 7)
    page.counter(
      "pheromone_b_total", "What b is.",
      [MetricSample(1, [MetricLabel("x", "1"), MetricLabel("y", "2")]), MetricSample(0.5, [MetricLabel("x", "2")])])
    page.gauge("pheromone_c", "Nobody has one.", [])
    #expect(
      page.text == """
        # HELP pheromone_a What a is.
        # TYPE pheromone_a gauge
        pheromone_a 7
        # HELP pheromone_b_total What b is.
        # TYPE pheromone_b_total counter
        pheromone_b_total{x="1",y="2"} 1
        pheromone_b_total{x="2"} 0.5
        # HELP pheromone_c Nobody has one.
        # TYPE pheromone_c gauge

        """)
  }

  @Test func `a histogram has its classes, its sum and its count`() {
    var histogram = Histogram(bounds: [0.5, 2])
    for value in [0.25, 0.5, 1, 100] { histogram.observe(value) }
    var page = MetricsPage()
    page.histogram("pheromone_h_seconds", "How long.", [([MetricLabel("kind", "k")], histogram)])
    #expect(
      page.text == """
        # HELP pheromone_h_seconds How long.
        # TYPE pheromone_h_seconds histogram
        pheromone_h_seconds_bucket{kind="k",le="0.5"} 2
        pheromone_h_seconds_bucket{kind="k",le="2"} 3
        pheromone_h_seconds_bucket{kind="k",le="+Inf"} 4
        pheromone_h_seconds_sum{kind="k"} 101.75
        pheromone_h_seconds_count{kind="k"} 4

        """)
  }

  @Test(arguments: [
    ("plain", "plain"), ("a\"b", #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#), ("é\u{0}", "é\u{0}"),
  ])
  func `no value of a label ends its line or its quotes`(value: String, expected: String) {
    #expect(MetricLabel("l", value).description == "l=\"\(expected)\"")
  }

  @Test(
    arguments: [
      (0, "0"), (-3, "-3"), (1e15, "1000000000000000"), (0.1, "0.1"), (1e300, "1e+300"), (.infinity, "inf"),
    ] as [(Double, String)])
  func `numbers are as Go reads them`(value: Double, expected: String) { #expect(MetricSample.text(value) == expected) }
}
