import Glibc

@testable import SharedMemory

/// Both sides of a connection in one process, each with mappings of its own.
struct RingPair: ~Copyable {
  var left: RingEnds
  var right: RingEnds
  /// The memories as their owners may write to them, for peers that break the rules.
  let leftWords: RingWords
  let rightWords: RingWords

  /// - Parameter isSharingMappings: lets both sides use the same addresses, so that a sanitizer that watches addresses
  ///   sees them meet.
  init(capacity: Int = 4096, isSharingMappings: Bool = false) throws {
    let first = try RingSide(capacity: capacity)
    let second = try RingSide(capacity: capacity)
    let firstPeer = try Self.peer(first, isSharingMappings)
    let secondPeer = try Self.peer(second, isSharingMappings)
    leftWords = first.words
    rightWords = second.words
    left = first.connect(to: secondPeer)
    right = second.connect(to: firstPeer)
  }

  private static func peer(_ side: borrowing RingSide, _ isSharingMappings: Bool) throws -> RingPeer {
    if isSharingMappings { return try RingPeer(side.words.mapping, capacity: side.capacity) }
    return try RingPeer(adopting: OwnedDescriptor(owning: dup(side.descriptor)))
  }
}

extension RingWriter {
  mutating func tryWrite(_ bytes: [UInt8]) throws -> Bool { try tryWrite(bytes.span) }
}

extension RingReader {
  /// The frames that are there, as arrays.
  mutating func frames(atMost limit: Int = .max) throws -> [[UInt8]] {
    var frames: [[UInt8]] = []
    // The buffer is copied at once.
    _ = try read(atMost: limit) { frame in frames.append(unsafe frame.withUnsafeBufferPointer { unsafe Array($0) }) }
    return frames
  }
}
