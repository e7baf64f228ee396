import PheromoneFunctions
import Synchronization

/// Reads objects as a program does that looks at all of them: one load for each 64 bytes.
enum CacheLines {
  /// What was read goes somewhere, so that the compiler cannot leave it out.
  private static let sum = Atomic<UInt64>(0)

  static func read(_ object: ObjectView) {
    let found = object.withBytes { span in
      var sum: UInt64 = 0
      for offset in stride(from: 0, to: span.byteCount, by: 64) {
        // The offset is below the count.
        unsafe sum &+= UInt64(span.unsafeLoad(fromUncheckedByteOffset: offset, as: UInt8.self))
      }
      return sum
    }
    sum.wrappingAdd(found, ordering: .relaxed)
  }
}
