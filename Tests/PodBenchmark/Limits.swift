import Foundation
import SharedMemory

/// What this machine can do at best, in nanoseconds.
struct Limits: Codable {
  /// A round trip between two processes over rings, both awake.
  var spinning: Double
  /// The same, both asleep until the other one's frame.
  var blocking: Double
  /// Copying 100 MB between warm pages.
  var copying: Double

  static let bytes = 100 << 20

  init() throws {
    let output = try Program.output(of: "ring-benchmark", ["-o", "json"])
    let document = try JSONDecoder().decode(Rings.self, from: output)
    func median(_ name: String) throws -> Double {
      guard let line = document.results.first(where: { $0.name.hasSuffix("(\(name))") }) else {
        throw BenchError("ring-benchmark does not tell \(name)")
      }
      return line.median
    }
    spinning = try median("S")
    blocking = try median("B")
    copying = Self.copy()
  }

  private struct Rings: Codable {
    struct Line: Codable {
      var name: String
      var median: Double
    }
    var results: [Line]
  }

  private static func copy() -> Double {
    let source = [UInt8](repeating: 1, count: bytes)
    var target = [UInt8](repeating: 2, count: bytes)
    var times = Samples()
    for _ in 0..<5 {
      let start = MonotonicClock.nanoseconds()
      unsafe target.withUnsafeMutableBytes { target in
        unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
      }
      times.add(Double(MonotonicClock.nanoseconds() - start))
    }
    return times.median
  }
}
