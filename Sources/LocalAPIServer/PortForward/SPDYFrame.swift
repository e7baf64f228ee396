/// Why a connection does not speak SPDY/3.1 as it should.
struct SPDYError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}

/// What arrives on a SPDY connection, as far as port forwarding needs it.
enum SPDYEvent: Sendable, Equatable {
  case opened(UInt32, headers: [String: String])
  /// A piece of a stream, which may be less than a frame; it ends with `isLast`.
  case data(UInt32, [UInt8], isLast: Bool)
  case reset(UInt32)
  case ping(UInt32)
  case goAway
}

/// Frames to send, as bytes. Header blocks are sent as stored text: what a reply says is nothing worth compressing.
enum SPDYFrame {
  enum Kind: UInt16 {
    case open = 1
    case reply = 2
    case reset = 3
    case ping = 6
    case goAway = 7
    case headers = 8
  }

  enum ResetReason: UInt32 { case protocolError = 1, refused = 3 }

  static let versionMark = UInt16(0x8003)
  static let finFlag = UInt8(1)

  static func data(_ stream: UInt32, _ bytes: [UInt8], isLast: Bool = false) -> [UInt8] {
    number(stream) + length(bytes.count, flags: isLast ? finFlag : 0) + bytes
  }

  static func reset(_ stream: UInt32, _ reason: ResetReason) -> [UInt8] {
    control(.reset, number(stream) + number(reason.rawValue))
  }

  static func ping(_ id: UInt32) -> [UInt8] { control(.ping, number(id)) }

  /// Says that no stream after this one was looked at, and whether that is because of a fault of the other side.
  static func goAway(lastStream: UInt32, isFault: Bool) -> [UInt8] {
    control(.goAway, number(lastStream) + number(isFault ? 1 : 0))
  }

  /// A reply without headers. The connection's first one begins the compressed stream of header blocks.
  static func reply(_ stream: UInt32, isFirst: Bool) -> [UInt8] {
    let noHeaders: [UInt8] = [0, 0, 0, 0]
    // The beginning names the dictionary, although stored text makes no use of it: it is the one that SPDY prescribes.
    let beginning: [UInt8] = isFirst ? [0x78, 0xbb] + number(Inflate.checksum(SPDYDictionary.bytes)) : []
    let stored: [UInt8] = [0, 4, 0, 0xfb, 0xff]
    // An empty block is what makes a reader hand on the one before it.
    let flush: [UInt8] = [0, 0, 0, 0xff, 0xff]
    return control(.reply, number(stream) + beginning + stored + noHeaders + flush)
  }

  private static func control(_ kind: Kind, _ body: [UInt8]) -> [UInt8] {
    bigEndian(versionMark) + bigEndian(kind.rawValue) + length(body.count, flags: 0) + body
  }

  private static func number(_ value: UInt32) -> [UInt8] { bigEndian(value) }

  private static func length(_ count: Int, flags: UInt8) -> [UInt8] { number(UInt32(flags) << 24 | UInt32(count)) }

  private static func bigEndian(_ value: some FixedWidthInteger & UnsignedInteger) -> [UInt8] {
    stride(from: value.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
