import Glibc
import SharedMemory

/// What a run has found, in nanoseconds.
struct Measurement {
  static let frame = 64

  struct Line {
    var name: String
    var median: Double
    var p99: Double
  }

  var lines: [Line] = []

  /// How long one round of one figure may take when the machine is busy with something else.
  private static let patience: Int64 = 400_000_000
  private static let warmUp = 20

  /// Every figure, a few rounds of each taken in turn so that a disturbance does not hit one alone.
  static func all(rounds: Int = 5) throws -> Measurement {
    var link = try Link.toChild()
    var samples: [Way: [Double]] = [:]
    var batches: [Int: [Double]] = [:]
    for _ in 0..<rounds {
      for way in [Way.spin, .adaptive, .futex, .eventfd] {
        samples[way, default: []] += try roundTrips(&link, way, count: way == .spin || way == .adaptive ? 2000 : 400)
      }
      for size in [1, 16, 128] { batches[size, default: []] += try throughput(&link, batch: size) }
    }
    try link.send([Peer.end].span)
    var result = Measurement()
    for (way, name) in [
      (Way.spin, "round trip, spinning (S)"), (.adaptive, "round trip, adaptive"),
      (.futex, "round trip, futex (B)"), (.eventfd, "round trip, eventfd and epoll"),
    ] {
      result.add(name, samples[way] ?? [])
    }
    for size in [1, 16, 128] { result.add("frame one way, in batches of \(size)", batches[size] ?? []) }
    return result
  }

  var table: String {
    let rows = lines.map { "\(Self.padded($0.name, 36)) \(Self.text($0.median)) \(Self.text($0.p99))" }
    return (["\(Self.padded("64-byte frames, µs", 36))   median      p99"] + rows).joined(separator: "\n")
  }

  var json: String {
    let rows = lines.map { #"  {"name": "\#($0.name)", "median": \#($0.median), "p99": \#($0.p99)}"# }
    return "{\"unit\": \"ns\", \"results\": [\n\(rows.joined(separator: ",\n"))\n]}"
  }

  /// Spinning round trips are shorter than a look at the clock is exact, so a sample is the mean of some.
  private static func roundTrips(_ link: inout Link, _ way: Way, count: Int) throws -> [Double] {
    let frame = [way.rawValue] + [UInt8](repeating: 0, count: Self.frame - 1)
    let together = way == .spin || way == .adaptive ? 50 : 1
    var samples: [Double] = []
    let begin = now()
    for sample in 0..<count + warmUp where sample < 2 * warmUp || now() - begin < patience {
      let start = now()
      for _ in 0..<together {
        try link.send(frame.span)
        repeat { try link.wait(way) } while try link.ends.reader.read({ _ in }) == 0
      }
      // The first ones tell the other process how to wait, and warm up.
      if sample >= warmUp { samples.append(Double(now() - start) / Double(together)) }
    }
    return samples
  }

  private static func throughput(_ link: inout Link, batch: Int) throws -> [Double] {
    let frame = [Peer.swallow] + [UInt8](repeating: 0, count: Self.frame - 1)
    let last = [Way.adaptive.rawValue] + [UInt8](repeating: 0, count: Self.frame - 1)
    let count = 1 << 14
    var samples: [Double] = []
    let begin = now()
    for _ in 0..<20 where samples.isEmpty || now() - begin < patience {
      try link.send(last.span)
      repeat { try link.wait(.adaptive) } while try link.ends.reader.read({ _ in }) == 0
      let start = now()
      for index in 0..<count { try link.send(frame.span, publishing: (index + 1) % batch == 0) }
      try link.send(last.span)
      repeat { try link.wait(.adaptive) } while try link.ends.reader.read({ _ in }) == 0
      samples.append(Double(now() - start) / Double(count))
    }
    return samples
  }

  private mutating func add(_ name: String, _ samples: [Double]) {
    let sorted = samples.sorted()
    guard let last = sorted.last else { return }
    let p99 = sorted.count >= 100 ? sorted[sorted.count * 99 / 100] : last
    lines.append(Line(name: name, median: sorted[sorted.count / 2], p99: p99))
  }

  private static func text(_ nanoseconds: Double) -> String {
    let thousandths = Int(nanoseconds.rounded())
    let fraction = String(thousandths % 1000 + 1000).dropFirst()
    let text = "\(thousandths / 1000).\(fraction)"
    return String(repeating: " ", count: max(0, 8 - text.count)) + text
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  private static func now() -> Int64 {
    var time = timespec()
    // It fills a variable of this function.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
