import Foundation

/// All that a run has found.
package struct Report: Codable {
  package struct Line: Codable {
    package var figure: Figure
    /// Nanoseconds.
    package var median: Double
    package var p99: Double
    package var limit: Limits.Name
    /// The median by its limit.
    package var ratio: Double
    package var allowed: Double?
  }

  /// Heap allocations that one of each makes.
  package struct Allocations: Codable {
    /// In the sidecar: a report is taken and the next invocation sent.
    package var handOver: Double
    /// In the sidecar: all of a session of two steps.
    package var session: Double
    /// In the executor: an invocation that reads an object and puts one.
    package var invocation: Double

    package init(handOver: Double, session: Double, invocation: Double) {
      self.handOver = handOver
      self.session = session
      self.invocation = invocation
    }
  }

  package var limits: Limits
  package private(set) var lines: [Line] = []
  package var objects: [ObjectLine] = []
  package var loads: [LoadLine] = []
  package var held: [HeldObjects] = []
  package var allocations: Allocations
  /// What the sidecar takes beside the object memory.
  package var sidecarBytes: Int
  /// The share of the run's time that the machine gave to others.
  package var stolenShare: Double

  package init(limits: Limits, allocations: Allocations, sidecarBytes: Int, stolenShare: Double) {
    self.limits = limits
    self.allocations = allocations
    self.sidecarBytes = sidecarBytes
    self.stolenShare = stolenShare
  }

  package mutating func add(_ figures: [Figure: Samples]) {
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

  /// Figures whose median is above what is allowed.
  package var excesses: [Line] { lines.filter { line in line.allowed.map { line.ratio > $0 } ?? false } }

  package var isVoid: Bool { stolenShare > StolenTime.largestShare }

  package var table: String {
    var figures = TextTable([["", "median", "p99", "ratio", "allowed", "a second"]])
    figures.rows += limits.rows
    figures.rows += lines.map { line in
      [
        line.figure.rawValue, TextTable.time(line.median), TextTable.time(line.p99),
        "\(TextTable.number(line.ratio)) \(line.limit.rawValue)", line.allowed.map(TextTable.number) ?? "",
        line.figure.isThroughput ? TextTable.number(1_000_000_000 / line.median) : "",
      ]
    }
    let counts = TextTable([
      ["allocations of one hand-over's decisions", TextTable.number(allocations.handOver)],
      ["allocations of one session's decisions", TextTable.number(allocations.session)],
      ["allocations of one invocation in its executor", TextTable.number(allocations.invocation)],
      ["sidecar's memory beside objects", "\(sidecarBytes >> 20) MiB"],
      ["stolen time", TextTable.share(stolenShare)],
    ])
    var tables = [figures]
    if !objects.isEmpty { tables.append(TextTable([ObjectLine.heading] + objects.map(\.row))) }
    if !held.isEmpty { tables.append(TextTable([HeldObjects.heading] + held.map(\.row))) }
    if !loads.isEmpty { tables.append(TextTable([LoadLine.heading] + loads.map(\.row))) }
    return (tables + [counts]).map(\.text).joined(separator: "\n\n")
  }

  package var json: String { get throws { try JSONText.of(self) } }
}

/// How measurements are printed for programs.
enum JSONText {
  static func of(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
