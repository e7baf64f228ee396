import Testing

@testable import SharedMemory

/// A peer that writes whatever it likes into its own memory. Nothing may trap or be read outside of the ring; run it under
/// AddressSanitizer too.
@Suite struct RingFuzzTests {
  @Test(arguments: 1...20) func arbitraryMemoryEndsInFaultsOnly(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var faults = 0
    var frames = 0
    for _ in 0..<40 {
      var pair = try RingPair()
      let evil = pair.rightWords
      for place in stride(from: 0, to: 4096, by: 8) where Bool.random(using: &generator) {
        let word = UInt64(UInt32(truncatingIfNeeded: generator.next()) >> UInt32.random(in: 0...31, using: &generator))
        unsafe evil.bytes(place).storeBytes(of: word, as: UInt64.self)
      }
      for _ in 0..<20 {
        evil.storeRelaxed(Self.index(&generator), RingLayout.writeIndex)
        evil.storeRelaxed(Self.index(&generator), RingLayout.readIndex)
        evil.storeRelaxed(generator.next(), RingLayout.readerSleep)
        evil.storeRelaxed(generator.next(), RingLayout.writerSleep)
        evil.storeRelaxed(generator.next(), RingLayout.spinPermit)
        do {
          _ = try pair.left.reader.read { frame in
            frames += 1
            precondition(frame.count <= 2044, "a frame is longer than there can be")
          }
        } catch {
          faults += 1
          // It stays as it is, whatever the peer does afterwards.
          evil.storeRelaxed(0, RingLayout.writeIndex)
          #expect(throws: RingFault.self) { try pair.left.reader.frames() }
          #expect(pair.left.reader.arm() == false)
        }
        do { _ = try pair.left.writer.tryWrite([UInt8](repeating: 1, count: 1000)) } catch { faults += 1 }
        pair.left.writer.publish()
        _ = try pair.left.reader.wait(spinning: .byPeer, timeout: .zero)
      }
    }
    #expect(faults > 100 && frames > 0, "\(faults) faults, \(frames) frames")
  }

  @Test func aWriterThatOvertakesIsFound() throws {
    var pair = try RingPair()
    pair.rightWords.storeRelaxed(4096 + 8, RingLayout.writeIndex)
    #expect(throws: RingFault.writeIndex(4104, consumed: 0, published: 0)) { try pair.left.reader.frames() }
  }

  @Test func framesBeforeABrokenOneAreLent() throws {
    var pair = try RingPair()
    #expect(try pair.right.writer.tryWrite([5]) == true)
    #expect(try pair.right.writer.tryWrite([6]) == true)
    pair.right.writer.publish()
    unsafe pair.rightWords.bytes(8).storeBytes(of: 5000, as: UInt32.self)
    var lent: [UInt8] = []
    #expect(throws: RingFault.length(5000, published: 8)) {
      try pair.left.reader.read { lent.append($0[0]) }
    }
    #expect(lent == [5])
  }

  /// Mostly small multiples of 8, which get furthest; sometimes anything.
  private static func index(_ generator: inout SeededGenerator) -> UInt64 {
    switch Int.random(in: 0..<8, using: &generator) {
    case 0: generator.next()
    case 1: 0 &- UInt64.random(in: 0...4096, using: &generator)
    default: UInt64.random(in: 0...600, using: &generator) * 8
    }
  }
}
