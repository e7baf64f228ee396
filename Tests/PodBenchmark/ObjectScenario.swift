import Measures

/// Objects of several sizes that go to another process and are read there. Each size has a pod of its own in every round,
/// so that there is a first time.
struct ObjectScenario {
  private let sizes: [Int]
  private var samples: [Key: (start: Samples, read: Samples)] = [:]

  private struct Key: Hashable {
    var bytes: Int
    var mapping: ObjectLine.Mapping
  }

  init(isLarge: Bool) { sizes = [1 << 10, 1 << 20, 100 << 20] + (isLarge ? [1 << 30] : []) }

  mutating func takeRound() throws {
    for bytes in sizes { try take(bytes) }
  }

  var lines: [ObjectLine] {
    sizes.flatMap { bytes in
      ObjectLine.Mapping.allCases.compactMap { mapping in
        samples[Key(bytes: bytes, mapping: mapping)].map {
          ObjectLine(bytes: bytes, mapping: mapping, start: $0.start, read: $0.read)
        }
      }
    }
  }

  private mutating func take(_ bytes: Int) throws {
    // Two functions of one process, then the other process: two objects, or four when more follow.
    let hops = bytes < 1 << 30 ? 8 : 2
    let pod = try PodUnderTest(.split(), sharedMemory: max(1 << 30, 5 * bytes / 2))
    defer { pod.stop() }
    let first = try Chain(pod, hops: hops, length: bytes, isRead: true)
    add(bytes, .first, first.handOvers.prefix(1), first.reads.prefix(1))
    // Once more, since there is one object that is new to the other process.
    _ = try Chain(pod, hops: hops, length: bytes, isRead: true)
    let warm = try Chain(pod, hops: hops, length: bytes, isRead: true)
    add(bytes, .warm, warm.handOvers.suffix(3), warm.reads.suffix(3))
  }

  private mutating func add(
    _ bytes: Int, _ mapping: ObjectLine.Mapping, _ starts: ArraySlice<Double>, _ reads: ArraySlice<Double>
  ) {
    var entry = samples[Key(bytes: bytes, mapping: mapping)] ?? (Samples(), Samples())
    entry.start.add(Array(starts))
    entry.read.add(Array(reads))
    samples[Key(bytes: bytes, mapping: mapping)] = entry
  }
}
