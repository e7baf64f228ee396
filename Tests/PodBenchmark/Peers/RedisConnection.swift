import Glibc
import Measures
import SharedMemory

/// A client of a Redis server that blocks, on a Unix socket. What is enqueued goes out together; a large payload is
/// written from where it lies and read to where it stays.
final class RedisConnection {
  private let socket: UnixSocket
  private var outgoing: [UInt8] = []
  private var reader = RedisReader()

  init(_ path: String) throws { socket = try UnixSocket.connect(path: path) }

  func enqueue(_ words: [UInt8]...) { RedisCommand.append(words, to: &outgoing) }

  func enqueue(_ words: [[UInt8]]) { RedisCommand.append(words, to: &outgoing) }

  /// A push whose value may be large, sent at once with everything that was enqueued.
  func push(_ value: [UInt8], to list: [UInt8]) throws {
    RedisCommand.append([Self.push, list], beforeWordOf: value.count, to: &outgoing)
    try flush()
    try write(value)
    outgoing += RedisCommand.end
  }

  func flush() throws {
    guard !outgoing.isEmpty else { return }
    try write(outgoing)
    outgoing.removeAll(keepingCapacity: true)
  }

  /// The next answer, which is no error. Its ranges hold until the next one is asked for.
  func reply() throws -> RedisReader.Reply {
    try flush()
    while true {
      if let reply = try reader.next() {
        if case .error(let text) = reply { throw BenchError("Redis says: \(text)") }
        return reply
      }
      let descriptor = socket.descriptor
      // The buffer is the reader's, for the time of the call.
      let count = unsafe reader.fill { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { throw BenchError("the Redis server has gone") }
    }
  }

  func bytes(_ range: Range<Int>, atMost limit: Int = .max) -> [UInt8] { reader.bytes(range, atMost: limit) }

  /// The list and the value of a `BLPOP`'s answer.
  func popped() throws -> (list: Range<Int>, value: Range<Int>) {
    guard case .array(let elements?) = try reply(), elements.count == 2, case .bulk(let list?) = elements[0],
      case .bulk(let value?) = elements[1]
    else { throw BenchError("Redis did not answer BLPOP with a list and its value") }
    return (list, value)
  }

  /// At the end, where a pop takes from the beginning: first come, first served.
  static let push = Array("RPUSH".utf8)
  static let blpop = Array("BLPOP".utf8)
  static let forever = Array("0".utf8)

  private func write(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      // The rest of an array, for the time of the call.
      let count = unsafe bytes.withUnsafeBytes { all in
        unsafe Glibc.send(
          socket.descriptor, all.baseAddress?.advanced(by: sent), all.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw BenchError("cannot send to the Redis server: error \(errno)") }
      sent += count
    }
  }
}
