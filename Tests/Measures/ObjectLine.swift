/// What it takes to hand an object of one size to a function in another process. All times begin when it is sent.
package struct ObjectLine: Codable {
  /// When the process maps the object's memory for the first time, and when it did so before.
  package enum Mapping: String, Codable, CaseIterable {
    case first
    case warm
  }

  package var bytes: Int
  package var mapping: Mapping
  /// Until the function begins; nanoseconds.
  package var start: Quantiles
  /// Until it has read every cache line of the object; nanoseconds.
  package var read: Quantiles

  package init(bytes: Int, mapping: Mapping, start: Samples, read: Samples) {
    self.bytes = bytes
    self.mapping = mapping
    self.start = Quantiles(start)
    self.read = Quantiles(read)
  }

  static let heading = ["objects to another process", "start", "p99", "every line read", "p99"]

  var row: [String] {
    [
      "\(Self.size(bytes)), \(mapping == .first ? "first" : "warm") mapping", TextTable.time(start.median),
      TextTable.time(start.p99), TextTable.time(read.median), TextTable.time(read.p99),
    ]
  }

  private static func size(_ bytes: Int) -> String {
    switch bytes {
    case (1 << 30)...: "\(bytes >> 30) GB"
    case (1 << 20)...: "\(bytes >> 20) MB"
    default: "\(bytes >> 10) KB"
    }
  }
}

/// The two values of many readings that are shown.
package struct Quantiles: Codable {
  package var median: Double
  package var p99: Double

  package init(_ samples: Samples) {
    median = samples.median
    p99 = samples.p99
  }
}
