import NIOCore

/// A request as it came over the wire.
package struct FakeRequest: Sendable {
  package var method: String
  /// Without the query.
  package var path: String
  /// Still encoded.
  package var query: String
  /// Names in lower case.
  package var headers: [String: String]
  package var body: String

  /// The decoded value of a query parameter.
  package func parameter(_ name: String) -> String? {
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.first.map(String.init) == name { return parts.count > 1 ? Self.decoded(parts[1]) : "" }
    }
    return nil
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Cuts what arrives on a connection into requests with a Content-Length.
struct FakeRequestParser {
  private var received: [UInt8] = []

  mutating func add(_ bytes: ByteBuffer) { received += Array(buffer: bytes) }

  mutating func take() -> FakeRequest? {
    let end = Array("\r\n\r\n".utf8)
    guard let split = received.indices.first(where: { received[$0...].starts(with: end) }) else { return nil }
    let lines = String(decoding: received[..<split], as: UTF8.self).split(separator: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    let start = split + end.count
    guard received.count >= start + length, let first = lines.first?.split(separator: " "), first.count == 3 else {
      return nil
    }
    let target = first[1].split(separator: "?", maxSplits: 1)
    let request = FakeRequest(
      method: String(first[0]), path: String(target[0]), query: target.count > 1 ? String(target[1]) : "",
      headers: headers, body: String(decoding: received[start..<(start + length)], as: UTF8.self))
    received.removeFirst(start + length)
    return request
  }
}
