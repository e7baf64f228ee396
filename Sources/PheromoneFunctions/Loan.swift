import Dataflow
import SharedMemory

/// Shared memory to write a new object into, in place. `put` hands it over, after which it cannot be written; a loan
/// that is never put leaves no trace.
public struct Loan: ~Copyable {
  let place: Place
  let attempt: Attempt
  let address: Address
  let group: String?

  /// The key that the object will have.
  public var key: String { address.key.text }

  /// How many bytes there are to write.
  public var count: Int { place.count }

  /// Lends the memory for writing. Its contents are undefined at first: write all of it.
  @unsafe
  public mutating func withUnsafeMutableBytes<Result: ~Copyable>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) throws -> Result {
    try attempt.checkOpen()
    guard let segment = place.segment else {
      return try unsafe body(UnsafeMutableRawBufferPointer(start: nil, count: 0))
    }
    return try unsafe segment.withMutableBytes(offset: place.offset, length: place.count, body)
  }

  /// Copies bytes to a place in the object.
  public mutating func write(_ bytes: some Collection<UInt8>, at offset: Int = 0) throws {
    try attempt.checkOpen()
    guard offset >= 0, offset <= count, bytes.count <= count - offset else {
      throw FunctionError("\(bytes.count) bytes at \(offset) do not fit a loan of \(count)", isRetryable: false)
    }
    try place.segment?.write(bytes, at: place.offset + offset)
  }

  /// Hands the object over, to its bucket or to the function that it is for. It becomes visible when the invocation
  /// commits; of a function that publishes immediately, an object for a bucket becomes visible now, and stays so
  /// whatever becomes of the attempt.
  ///
  /// - Returns: the key.
  /// - Throws: `FunctionError`, not retryable, when this attempt has put the key before, the handler has returned, or
  ///   the invocation has put more than one can; `CancellationError` when nobody needs the attempt any more.
  @discardableResult
  public consuming func put() throws -> String {
    try attempt.put(place, at: address, group: group)
    return address.key.text
  }
}

extension Loan {
  mutating func fill(from view: ObjectView) throws {
    try unsafe withUnsafeMutableBytes { target in
      view.withBytes { span in
        unsafe span.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
      }
    }
  }
}
