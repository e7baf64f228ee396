@testable import LocalAPIServer

/// Writes the frames of a client.
struct SPDYClient {
  private var isFirst = true

  static func number(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

  static func control(_ kind: UInt16, flags: UInt8 = 0, _ body: [UInt8]) -> [UInt8] {
    [0x80, 3, UInt8(kind >> 8), UInt8(kind & 0xff)] + number(UInt32(flags) << 24 | UInt32(body.count)) + body
  }

  static func headerBlock(_ headers: [(String, String)]) -> [UInt8] {
    number(UInt32(headers.count))
      + headers.flatMap { name, value in
        number(UInt32(name.utf8.count)) + Array(name.utf8) + number(UInt32(value.utf8.count)) + Array(value.utf8)
      }
  }

  /// A header block as stored text.
  mutating func compressed(_ text: [UInt8]) -> [UInt8] {
    defer { isFirst = false }
    let beginning: [UInt8] = isFirst ? [0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2] : []
    let count = UInt16(text.count)
    let length = [UInt8(count & 0xff), UInt8(count >> 8), UInt8(~count & 0xff), UInt8(~count >> 8)]
    return beginning + [0] + length + text + [0, 0, 0, 0xff, 0xff]
  }

  mutating func open(_ stream: UInt32, _ headers: [(String, String)]) -> [UInt8] {
    Self.control(1, Self.number(stream) + Self.number(0) + [0, 0] + compressed(Self.headerBlock(headers)))
  }

  mutating func open(_ stream: UInt32, _ type: String, port: String = "8080", request: String = "0") -> [UInt8] {
    open(stream, [("streamtype", type), ("port", port), ("requestid", request)])
  }

  /// Both streams of a connection; the second one's number is the connection's.
  mutating func connect(_ stream: UInt32, request: String = "0") -> [UInt8] {
    open(stream, "error", request: request) + open(stream + 2, "data", request: request)
  }

  static func reset(_ stream: UInt32) -> [UInt8] { control(3, number(stream) + number(5)) }

  static let goAway = control(7, number(0) + number(0))
}
