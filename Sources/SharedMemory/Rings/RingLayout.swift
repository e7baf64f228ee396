/// Where things are in a side's ring memory, and the constants at its beginning.
///
/// One page of words, then the bytes of the ring that the owner writes. Words that change at different times, or that
/// different processes poll, are 128 bytes apart: two cache lines, as processors fetch neighbouring lines together.
///
/// | offset | size | written by the owner | what |
/// |---|---|---|---|
/// | 0 | 8 | once | magic |
/// | 8 | 4 | once | version |
/// | 12 | 4 | once | offset of the bytes |
/// | 16 | 8 | once | capacity in bytes |
/// | 128 | 8 | as writer | write index of the ring that the owner writes |
/// | 256 | 8 | as reader | read index of the ring that the peer writes |
/// | 384 | 8 | as reader | how the owner sleeps until there are frames |
/// | 392 | 8 | as writer | how the owner sleeps until there is room |
/// | 512 | 8 | by its scheduler | whether the peer may spin |
/// | 640 | 8 | by its scheduler | whether the peer is to come back to it before it goes on by itself |
/// | 768 | 8 | as both | the processor that ran the owner when it last published, and whether it leaves it: `RingPlace` |
/// | 4096 | capacity | as writer | the bytes |
enum RingLayout {
  static let magic: UInt64 = 0x676e_6972_6f72_6568  // "heroring", little-endian
  static let version: UInt32 = 1
  static let bytes = 4096

  static let writeIndex = 128
  static let readIndex = 256
  static let readerSleep = 384
  static let writerSleep = 392
  static let spinPermit = 512
  static let yield = 640
  static let place = 768

  /// What a ring may hold, in bytes: a power of two, so that an index is turned into a place by a mask, and not so much
  /// that a peer's announcement could cost an address space.
  static let smallestCapacity = 4096
  static let largestCapacity = 16 << 20

  static func isCapacity(_ value: UInt64) -> Bool {
    value >= UInt64(smallestCapacity) && value <= UInt64(largestCapacity) && value.nonzeroBitCount == 1
  }

  /// The first 24 bytes.
  struct Header: Hashable {
    static let size = 24

    var magic = RingLayout.magic
    var version = RingLayout.version
    var offset = UInt32(RingLayout.bytes)
    var capacity: UInt64

    /// Why this is not what the memory of a ring of so many bytes begins with, or nil if it is.
    func objection(capacity expected: Int) -> String? {
      if magic != RingLayout.magic { return "it does not begin like a ring" }
      if version != RingLayout.version {
        return "its version is \(version), and this program knows \(RingLayout.version)"
      }
      if offset != UInt32(RingLayout.bytes) { return "its bytes begin at \(offset) instead of \(RingLayout.bytes)" }
      if capacity != UInt64(expected) { return "it says that it holds \(capacity) bytes, and it has \(expected)" }
      return nil
    }
  }
}
