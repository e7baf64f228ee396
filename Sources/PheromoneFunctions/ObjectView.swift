import Dataflow
import SharedMemory

/// The bytes of an object, in place in shared memory: nothing is copied until you ask for it.
///
/// A view is valid while the handler that was given it runs. Copy what has to live longer.
public struct ObjectView: Sendable {
  private let segment: MemorySegment?
  private let offset: Int
  /// How many bytes there are.
  public let count: Int
  /// The object's key; empty for a request's payload.
  public var key: String { label.text }
  private let label: Label
  /// The bucket that the object lies in; empty for a request's payload.
  public let bucket: String
  private let givenGroup: String?
  /// The object's group: what its producer set, or else its key up to the first colon.
  public var group: String { givenGroup ?? DefaultGroup.make(key: key) }

  init(segment: MemorySegment?, offset: Int, count: Int, key: Label, bucket: String, group: String?) {
    self.segment = segment
    self.offset = offset
    self.count = count
    label = key
    self.bucket = bucket
    givenGroup = group
  }

  /// Whether there are no bytes.
  public var isEmpty: Bool { count == 0 }

  /// Lends the bytes, in place, for the time of the call.
  public func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (RawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let segment, count > 0 else { return try body(RawSpan()) }
    return try segment.lend(offset: offset, length: count, body)
  }

  /// A copy of the bytes.
  public var bytes: [UInt8] {
    withBytes { span in
      unsafe span.withUnsafeBytes { unsafe Array($0) }
    }
  }

  /// The bytes as text; what is not UTF-8 is replaced by U+FFFD.
  public var text: String {
    withBytes { span in
      unsafe span.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
  }

  /// Cuts text into at most so many views of about the same size, without copying. Cuts are made behind white space
  /// only, so that no word is torn; a text with little white space gives fewer chunks, and an empty one gives none.
  public func chunks(_ number: Int) -> [ObjectView] {
    let cuts = withBytes { span in Self.cuts(of: span, number: number) }
    return zip(cuts, cuts.dropFirst()).map { start, end in
      ObjectView(
        segment: segment, offset: offset + start, count: end - start, key: label, bucket: bucket, group: givenGroup)
    }
  }

  /// Where chunks begin, and the end of the last one.
  static func cuts(of text: RawSpan, number: Int) -> [Int] {
    let count = text.byteCount
    var cuts = [0]
    for index in 1..<max(number, 1) + 1 {
      var end = index >= number ? count : count / number * index + count % number * index / number
      end = max(end, cuts[cuts.count - 1])
      while end < count, end == 0 || !isWhiteSpace(text, end - 1) { end += 1 }
      if end > cuts[cuts.count - 1] { cuts.append(end) }
    }
    return cuts
  }

  private static func isWhiteSpace(_ text: RawSpan, _ index: Int) -> Bool {
    let byte = unsafe text.unsafeLoad(fromByteOffset: index, as: UInt8.self)
    return byte == 0x20 || (0x09...0x0d).contains(byte)
  }
}
