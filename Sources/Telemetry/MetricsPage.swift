/// What a program does, as numbers in Prometheus's text format: each metric with its help and its type.
///
/// Names are of base units (seconds, bytes) and begin with `pheromone_`; a counter's end with `_total`. Labels take few
/// values: never a session's name, nor a pod's, which Prometheus knows from where it asked.
package struct MetricsPage: Sendable {
  package private(set) var text = ""

  package init() {}

  /// What goes up and down.
  package mutating func gauge(_ name: String, _ help: String, _ values: [MetricSample]) {
    add(name, help, "gauge", values.map { ($0, "") })
  }

  package mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
    gauge(name, help, [MetricSample(value)])
  }

  /// What only goes up while the program runs.
  package mutating func counter(_ name: String, _ help: String, _ values: [MetricSample]) {
    add(name, help, "counter", values.map { ($0, "") })
  }

  package mutating func counter(_ name: String, _ help: String, _ value: some BinaryInteger) {
    counter(name, help, [MetricSample(value)])
  }

  /// How values are spread, by the labels of who had them.
  package mutating func histogram(
    _ name: String, _ help: String, _ values: [(labels: [MetricLabel], histogram: Histogram)]
  ) {
    var samples: [(MetricSample, String)] = []
    for (labels, histogram) in values {
      for (bound, count) in histogram.cumulative {
        let label = MetricLabel("le", bound.map { MetricSample.text($0) } ?? "+Inf")
        samples.append((MetricSample(count, labels + [label]), "_bucket"))
      }
      samples.append((MetricSample(histogram.sum, labels), "_sum"))
      samples.append((MetricSample(histogram.count, labels), "_count"))
    }
    add(name, help, "histogram", samples)
  }

  private mutating func add(_ name: String, _ help: String, _ type: String, _ samples: [(MetricSample, String)]) {
    text += "# HELP \(name) \(MetricLabel.escaped(help, quotes: false))\n# TYPE \(name) \(type)\n"
    for (sample, suffix) in samples { text += "\(name)\(suffix)\(sample.description)\n" }
  }
}
