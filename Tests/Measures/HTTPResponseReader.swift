/// Cuts what arrives on a connection into answers of HTTP/1.1 that say how long they are.
package struct HTTPResponseReader {
  package struct Response: Equatable {
    package var status: Int
    package var body: [UInt8]
  }

  package struct Malformed: Error, CustomStringConvertible {
    package var description: String
  }

  /// The most that a head and a body may have together.
  private static let limit = 1 << 20
  private static let headEnd = Array("\r\n\r\n".utf8)

  private var received: [UInt8] = []

  package init() {}

  package mutating func append(_ bytes: some Sequence<UInt8>) { received += bytes }

  package mutating func next() throws(Malformed) -> Response? {
    guard received.count <= Self.limit else { throw Malformed(description: "an answer has more than 1 MiB") }
    guard let end = headLength else { return nil }
    let lines = String(decoding: received[..<end], as: UTF8.self).split(separator: "\r\n")
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
      throw Malformed(description: "an answer begins with \"\(lines.first ?? "")\"")
    }
    var length = status == 204 || status == 304 ? 0 : nil
    for line in lines.dropFirst() where line.lowercased().hasPrefix("content-length:") {
      length = line.split(separator: ":").last.flatMap { Int($0.drop { $0 == " " }) }
    }
    guard let length, length >= 0 else { throw Malformed(description: "an answer does not say how long it is") }
    guard received.count >= end + Self.headEnd.count + length else { return nil }
    let body = Array(received[(end + Self.headEnd.count)...].prefix(length))
    received.removeFirst(end + Self.headEnd.count + length)
    return Response(status: status, body: body)
  }

  private var headLength: Int? {
    guard received.count >= Self.headEnd.count else { return nil }
    return (0...received.count - Self.headEnd.count).first { index in
      received[index] == 13 && received[index...].starts(with: Self.headEnd)
    }
  }
}
