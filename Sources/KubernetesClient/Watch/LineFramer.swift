/// Cuts a stream of chunks into lines. A line may be spread over any number of chunks and is bounded in length.
struct LineFramer {
  struct LineTooLong: Error, Equatable {
    var limit: Int
  }

  private var partial: [UInt8] = []
  private let maximumLineBytes: Int

  /// The largest object that etcd keeps is 1.5 MiB; JSON with an event around it stays far below this.
  init(maximumLineBytes: Int = 16 << 20) { self.maximumLineBytes = maximumLineBytes }

  /// The lines that this chunk completes; empty ones are left out.
  mutating func chunkArrived(_ chunk: [UInt8]) throws(LineTooLong) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var rest = chunk[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      try append(rest[..<end])
      if let line = takeLine() { lines.append(line) }
      rest = rest[(end + 1)...]
    }
    try append(rest)
    return lines
  }

  /// What is left when the stream ends: a last line needs no newline.
  mutating func streamEnded() -> [UInt8]? { takeLine() }

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
