import Foundation

/// How much of the processors' time went to other machines since it was made.
package struct StolenTime {
  /// A run that lost more than this says nothing.
  package static let largestShare = 0.02

  private let start: Counters

  package init() { start = Counters(text: Self.statistics) }

  package var share: Double { Counters(text: Self.statistics).stolenShare(since: start) }

  private static var statistics: String { (try? String(contentsOfFile: "/proc/stat", encoding: .utf8)) ?? "" }

  /// In hundredths of a second: the first line has all processors' times, of which the eighth was stolen.
  struct Counters {
    var stolen: Double
    var total: Double

    init(text: String) {
      let values = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
      stolen = values.count == 8 ? values[7] : 0
      total = values.reduce(0, +)
    }

    func stolenShare(since start: Counters) -> Double {
      total > start.total ? (stolen - start.stolen) / (total - start.total) : 0
    }
  }
}
