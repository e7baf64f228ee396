import Dispatch

@testable import SharedMemory

/// Changes memory that its owner has handed over, on a thread of its own, so often and no more.
final class Scribbler: Sendable {
  private static let strokes = 2000
  private let isDone = DispatchSemaphore(value: 0)

  init(ring: RingWords?, segments: [MemorySegment], seed: UInt64) {
    DispatchQueue(label: "scribbler").async { [isDone] in
      var random = SeededGenerator(seed: seed)
      for _ in 0..<Self.strokes {
        if let ring { Self.scribble(on: ring, &random) }
        if let segment = segments.randomElement(using: &random) {
          let bytes = (0..<8).map { _ in UInt8(truncatingIfNeeded: random.next()) }
          try? segment.write(bytes, at: Int.random(in: 0..<min(segment.size - 8, 8192), using: &random))
        }
      }
      isDone.signal()
    }
  }

  /// Once.
  func wait() { isDone.wait() }

  private static func scribble(on ring: RingWords, _ random: inout SeededGenerator) {
    // The lengths and bytes of the frames that come first, more often than the words that end the connection.
    let place = Int.random(in: 0..<64, using: &random) * 8
    ring.storeWord(random.once(in: 3) ? random.next() : UInt64.random(in: 0...300, using: &random), at: place)
    if random.once(in: 400) { ring.storeRelaxed(random.next(), RingLayout.writeIndex) }
    if random.once(in: 400) { ring.storeRelaxed(random.next(), RingLayout.readIndex) }
    ring.storeRelaxed(random.next(), RingLayout.readerSleep)
    ring.storeRelaxed(random.next(), RingLayout.writerSleep)
  }
}

extension RingWords {
  /// Eight bytes of the ring, of which another thread may read any at the same time.
  func storeWord(_ value: UInt64, at place: Int) { storeRelaxed(value, RingLayout.bytes + place) }
}
