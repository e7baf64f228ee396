/// Takes the bytes of a SPDY/3.1 connection apart, however they are cut.
///
/// It holds at most one control frame, and what the caller appends beyond it; data frames are handed on in pieces.
struct SPDYParser: Sendable {
  /// The most that a control frame may have after its first eight bytes, and the most that its headers may unfold to.
  static let controlLimit = 16_384
  private static let headerLimit = 64
  private static let headLength = 8

  private var buffer: [UInt8] = []
  private var position = 0
  private var inflate = Inflate(dictionary: SPDYDictionary.bytes)
  /// The data frame whose bytes are arriving.
  private var piece: (stream: UInt32, remaining: Int, isLast: Bool)?

  mutating func append(_ bytes: [UInt8]) {
    buffer.removeFirst(position)
    position = 0
    buffer += bytes
  }

  /// The next event; nil until there are more bytes. After an error the connection is lost.
  mutating func next() throws(SPDYError) -> SPDYEvent? {
    while true {
      if let piece { return data(of: piece) }
      guard buffer.count - position >= Self.headLength else { return nil }
      let word = number(at: position)
      let length = Int(number(at: position + 4) & 0xff_ffff)
      let flags = UInt8(number(at: position + 4) >> 24)
      guard word >> 31 == 1 else {
        guard word != 0 else { throw SPDYError("data belongs to no stream") }
        position += Self.headLength
        let isLast = flags & SPDYFrame.finFlag != 0
        if length > 0 || isLast { piece = (word, length, isLast) }
        continue
      }
      guard UInt16(word >> 16) == SPDYFrame.versionMark else { throw SPDYError("this is not SPDY/3") }
      guard length <= Self.controlLimit else { throw SPDYError("a control frame of \(length) bytes is too long") }
      guard buffer.count - position >= Self.headLength + length else { return nil }
      let body = Array(buffer[(position + Self.headLength)..<(position + Self.headLength + length)])
      position += Self.headLength + length
      if let event = try control(UInt16(truncatingIfNeeded: word), flags: flags, body) { return event }
    }
  }

  private mutating func data(of frame: (stream: UInt32, remaining: Int, isLast: Bool)) -> SPDYEvent? {
    let count = min(frame.remaining, buffer.count - position)
    guard count > 0 || frame.remaining == 0 else { return nil }
    let bytes = Array(buffer[position..<(position + count)])
    position += count
    let isWhole = count == frame.remaining
    piece = isWhole ? nil : (frame.stream, frame.remaining - count, frame.isLast)
    return .data(frame.stream, bytes, isLast: isWhole && frame.isLast)
  }

  /// Nil for frames that have nothing to say here: settings, windows and kinds that do not exist.
  private mutating func control(_ kind: UInt16, flags: UInt8, _ body: [UInt8]) throws(SPDYError) -> SPDYEvent? {
    func stream() throws(SPDYError) -> UInt32 {
      let id = Self.number(body, at: 0) & 0x7fff_ffff
      guard id != 0 else { throw SPDYError("a frame belongs to no stream") }
      return id
    }
    func demand(_ isRight: Bool) throws(SPDYError) {
      guard isRight else { throw SPDYError("a control frame of kind \(kind) has a wrong length: \(body.count)") }
    }
    switch SPDYFrame.Kind(rawValue: kind) {
    case .open:
      try demand(body.count > 10)
      let headers = try headers(body.dropFirst(10))
      // Both streams of a forwarded connection are for both directions, and neither is closed before it is open.
      guard flags == 0 else { throw SPDYError("a stream that is closed in one direction cannot carry a connection") }
      return .opened(try stream(), headers: headers)
    case .headers:
      try demand(body.count > 4)
      // Nothing is done with them, but all that is compressed later builds on them.
      _ = try headers(body.dropFirst(4))
      return flags & SPDYFrame.finFlag == 0 ? nil : .data(try stream(), [], isLast: true)
    case .reply: throw SPDYError("a stream is answered that was never opened")
    case .reset:
      try demand(body.count == 8)
      return .reset(try stream())
    case .ping:
      try demand(body.count == 4)
      return .ping(Self.number(body, at: 0))
    case .goAway:
      try demand(body.count == 8)
      return .goAway
    case nil: return nil
    }
  }

  // MARK: - Headers

  private mutating func headers(_ block: ArraySlice<UInt8>) throws(SPDYError) -> [String: String] {
    let text: [UInt8]
    do {
      text = try inflate.inflate(Array(block), limit: Self.controlLimit)
    } catch {
      throw SPDYError("headers cannot be read: \(error)")
    }
    var place = 0
    func length() throws(SPDYError) -> Int {
      guard text.count - place >= 4 else { throw SPDYError("headers end too early") }
      defer { place += 4 }
      return Int(Self.number(text, at: place))
    }
    func string() throws(SPDYError) -> String {
      let count = try length()
      guard count <= text.count - place else { throw SPDYError("headers end too early") }
      defer { place += count }
      return String(decoding: text[place..<(place + count)], as: UTF8.self)
    }
    let count = try length()
    guard count <= Self.headerLimit else { throw SPDYError("a stream has \(count) headers, which is too many") }
    var headers: [String: String] = [:]
    for _ in 0..<count {
      let name = try string()
      guard headers.updateValue(try string(), forKey: name) == nil else {
        throw SPDYError("a stream has two headers of the same name")
      }
    }
    return headers
  }

  private func number(at index: Int) -> UInt32 { Self.number(buffer, at: index) }

  private static func number(_ bytes: [UInt8], at index: Int) -> UInt32 {
    bytes[index..<(index + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }
}
