import Foundation
import Measures
import SharedMemory

/// What the machine can do at best, taken in every round like all that is compared with it.
struct LimitScenario {
  /// The bytes of the copy.
  static let bytes = 100 << 20

  private var spinning = Samples()
  private var blocking = Samples()
  private var copying = Samples()

  var limits: Limits {
    Limits(spinning: spinning.median, blocking: blocking.median, copying: copying.median)
  }

  mutating func takeRound() throws {
    let output = try Program.output(of: "ring-benchmark", ["-o", "json", "--rounds", "1"])
    let document = try JSONDecoder().decode(Rings.self, from: output)
    func median(_ name: String) throws -> Double {
      guard let line = document.results.first(where: { $0.name.hasSuffix("(\(name))") }) else {
        throw BenchError("ring-benchmark does not tell \(name)")
      }
      return line.median
    }
    spinning.add(try median("S"))
    blocking.add(try median("B"))
    copying.add(Self.copies())
  }

  private struct Rings: Codable {
    struct Line: Codable {
      var name: String
      var median: Double
    }
    var results: [Line]
  }

  private static func copies() -> [Double] {
    let source = [UInt8](repeating: 1, count: bytes)
    var target = [UInt8](repeating: 2, count: bytes)
    return (0..<3).map { _ in
      let start = MonotonicClock.nanoseconds()
      unsafe target.withUnsafeMutableBytes { target in
        unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
      }
      return Double(MonotonicClock.nanoseconds() - start)
    }
  }
}
