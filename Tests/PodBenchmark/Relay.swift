import PheromoneFunctions
import SharedMemory
import Synchronization

/// What travels from function to function: how far it has to go, and when it was sent.
///
/// An object begins with it; the rest of the object is there for its size.
struct Relay {
  static let size = 32

  /// Functions that are yet to come.
  var hops: UInt64
  /// When the first function of the chain sent it on; nanoseconds of `MonotonicClock`.
  var startedAt: Int64
  /// When the last one did.
  var sentAt: Int64
  /// How long the objects are.
  var length: UInt64

  init(hops: UInt64, length: UInt64) {
    self.hops = hops
    self.length = max(length, UInt64(Self.size))
    startedAt = 0
    sentAt = 0
  }

  init(_ bytes: RawSpan) throws {
    guard bytes.byteCount >= Self.size else {
      throw FunctionError("a relay has \(Self.size) bytes", isRetryable: false)
    }
    // There are as many bytes as that.
    unsafe hops = bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self)
    unsafe startedAt = bytes.unsafeLoadUnaligned(fromByteOffset: 8, as: Int64.self)
    unsafe sentAt = bytes.unsafeLoadUnaligned(fromByteOffset: 16, as: Int64.self)
    unsafe length = bytes.unsafeLoadUnaligned(fromByteOffset: 24, as: UInt64.self)
  }

  var bytes: [UInt8] {
    var all: [UInt8] = []
    for word in [hops, UInt64(bitPattern: startedAt), UInt64(bitPattern: sentAt), length] {
      unsafe withUnsafeBytes(of: word) { unsafe all.append(contentsOf: $0) }
    }
    return all
  }

  /// Writes it to the beginning of memory that is lent.
  func write(to buffer: UnsafeMutableRawBufferPointer) {
    // A loan has as many bytes as it was asked for, which are at least `size`.
    unsafe buffer.storeBytes(of: hops, toByteOffset: 0, as: UInt64.self)
    unsafe buffer.storeBytes(of: startedAt, toByteOffset: 8, as: Int64.self)
    unsafe buffer.storeBytes(of: sentAt, toByteOffset: 16, as: Int64.self)
    unsafe buffer.storeBytes(of: length, toByteOffset: 24, as: UInt64.self)
  }
}
