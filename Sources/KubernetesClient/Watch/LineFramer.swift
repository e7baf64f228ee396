/// Cuts a stream of chunks into JSON documents that end with a newline. One may be spread over any number of chunks
/// and is bounded in length.
///
/// A newline inside a document does not end it: API servers write an event to one line, but an error over several
/// when they take the client for a person's.
struct LineFramer {
  struct LineTooLong: Error, Equatable {
    var limit: Int
  }

  private var partial: [UInt8] = []
  private let maximumLineBytes: Int
  private var depth = 0
  private var isInString = false
  private var isEscaped = false

  /// The largest object that etcd keeps is 1.5 MiB; JSON with an event around it stays far below this.
  init(maximumLineBytes: Int = 16 << 20) { self.maximumLineBytes = maximumLineBytes }

  /// The documents that this chunk completes; empty lines are left out.
  mutating func chunkArrived(_ chunk: [UInt8]) throws(LineTooLong) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var start = chunk.startIndex
    for index in chunk.indices where endsDocument(chunk[index]) {
      try append(chunk[start..<index])
      if let line = takeLine() { lines.append(line) }
      start = index + 1
    }
    try append(chunk[start...])
    return lines
  }

  /// What is left when the stream ends: a last line needs no newline.
  mutating func streamEnded() -> [UInt8]? { takeLine() }

  private mutating func endsDocument(_ byte: UInt8) -> Bool {
    if isInString {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInString = false
      }
      return false
    }
    switch byte {
    case UInt8(ascii: "\""): isInString = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
    case UInt8(ascii: "\n"): return depth == 0
    default: break
    }
    return false
  }

  private mutating func append(_ bytes: ArraySlice<UInt8>) throws(LineTooLong) {
    guard partial.count + bytes.count <= maximumLineBytes else { throw LineTooLong(limit: maximumLineBytes) }
    partial += bytes
  }

  private mutating func takeLine() -> [UInt8]? {
    if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
    guard !partial.isEmpty else { return nil }
    defer { partial = [] }
    return partial
  }
}
