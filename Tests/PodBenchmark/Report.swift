import Foundation

/// All that a run has found.
struct Report: Codable {
  struct Line: Codable {
    var figure: Figure
    /// Nanoseconds.
    var median: Double
    var p99: Double
    var limit: Figure.Limit
    /// The median by its limit.
    var ratio: Double
    var allowed: Double?
  }

  var limits: Limits
  var lines: [Line] = []
  var allocationsPerHandOver: Double
  var allocationsPerSession: Double
  /// Shares of a processor that sidecar and executors use while nothing happens.
  var idleProcessorShare: Double
  /// How often their threads woke up in a second of that time.
  var idleWakeUpsPerSecond: Double
  /// What the sidecar takes beside the object memory.
  var sidecarBytes: Int
  /// The share of the run's time that the machine gave to others.
  var stolenShare: Double

  static let largestStolenShare = 0.02

  mutating func add(_ figures: [Figure: Samples]) {
    let small = figures[.small]?.median ?? 1
    for figure in Figure.allCases {
      guard let samples = figures[figure] else { continue }
      let limit =
        switch figure.limit {
        case .spinning: limits.spinning
        case .blocking: limits.blocking
        case .copying: limits.copying
        case .small: small
        }
      lines.append(
        Line(
          figure: figure, median: samples.median, p99: samples.p99, limit: figure.limit, ratio: samples.median / limit,
          allowed: figure.allowed))
    }
  }

  /// Figures above what is allowed.
  var excesses: [Line] { lines.filter { line in line.allowed.map { line.ratio > $0 } ?? false } }

  var isVoid: Bool { stolenShare > Self.largestStolenShare }

  var table: String {
    var rows = [["", "median", "p99", "ratio", "allowed"]]
    rows += [
      ["S: round trip, spinning", Self.text(limits.spinning)], ["B: round trip, blocking", Self.text(limits.blocking)],
      ["C: copy of 100 MB", Self.text(limits.copying)],
    ]
    rows += lines.map { line in
      [
        line.figure.rawValue, Self.text(line.median), Self.text(line.p99),
        "\(Self.number(line.ratio)) \(line.limit.rawValue)", line.allowed.map(Self.number) ?? "",
      ]
    }
    rows += [
      ["allocations of one hand-over's decisions", Self.number(allocationsPerHandOver)],
      ["allocations of one session's decisions", Self.number(allocationsPerSession)],
      ["idle: share of a processor", "\(Self.number(idleProcessorShare * 100)) %"],
      ["idle: wake-ups a second", Self.number(idleWakeUpsPerSecond)],
      ["sidecar's memory beside objects", "\(sidecarBytes >> 20) MiB"],
      ["stolen time", "\(Self.number(stolenShare * 100)) %"],
    ]
    return rows.map { row in
      row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: max(0, (column == 0 ? 42 : 11) - cell.count))
        return column == 0 ? cell + padding : padding + cell
      }.joined()
    }.joined(separator: "\n")
  }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  static func number(_ value: Double) -> String {
    value < 100 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
  }

  private static func text(_ nanoseconds: Double) -> String {
    nanoseconds < 1_000_000 ? "\(((nanoseconds / 10).rounded() / 100)) µs" : "\(number(nanoseconds / 1_000_000)) ms"
  }
}
