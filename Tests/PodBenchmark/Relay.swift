import PheromoneFunctions
import SharedMemory

/// What travels from function to function: how far it has to go, and when it was sent.
///
/// An object begins with it; the rest of the object is there for its size.
struct Relay {
  static let size = 40

  /// Functions that are yet to come, or how many a fan-out has.
  var hops: UInt64
  /// When the first function of the chain sent it on; nanoseconds of `MonotonicClock`.
  var startedAt: Int64
  /// When the last one did.
  var sentAt: Int64
  /// How long the objects are.
  var length: UInt64
  /// Whether each function reads all of its object.
  var isRead: Bool

  init(hops: Int, length: Int = 0, isRead: Bool = false) {
    self.hops = UInt64(hops)
    self.length = UInt64(max(length, Self.size))
    self.isRead = isRead
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
    unsafe isRead = bytes.unsafeLoadUnaligned(fromByteOffset: 32, as: UInt64.self) != 0
  }

  /// The first `size` bytes of an object.
  var bytes: [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Self.size) { buffer, count in
      unsafe write(to: UnsafeMutableRawBufferPointer(buffer))
      count = Self.size
    }
  }

  /// Writes it to the beginning of memory, which has to have `size` bytes.
  func write(to buffer: UnsafeMutableRawBufferPointer) {
    unsafe buffer.storeBytes(of: hops, toByteOffset: 0, as: UInt64.self)
    unsafe buffer.storeBytes(of: startedAt, toByteOffset: 8, as: Int64.self)
    unsafe buffer.storeBytes(of: sentAt, toByteOffset: 16, as: Int64.self)
    unsafe buffer.storeBytes(of: length, toByteOffset: 24, as: UInt64.self)
    unsafe buffer.storeBytes(of: isRead ? 1 : 0, toByteOffset: 32, as: UInt64.self)
  }
}
