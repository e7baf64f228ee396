import Glibc
import Measures
import SharedMemory

/// Clients of one HTTP server, each with a connection of its own that has one request under way. Sleeps while none of them
/// has an answer.
final class HTTPLoad {
  private var clients: [Client] = []
  private let loop: EventLoop

  private final class Client {
    let descriptor: Int32
    var answers = HTTPResponseReader()

    init(port: Int) throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      let result = unsafe Loopback.withAddress(port: port) { address, length in
        unsafe connect(descriptor, address, length)
      }
      guard descriptor >= 0, result == 0 else { throw BenchError("cannot connect to port \(port): error \(errno)") }
    }

    deinit { close(descriptor) }
  }

  init(port: Int, connections: Int) throws {
    loop = try EventLoop()
    for index in 0..<connections {
      let client = try Client(port: port)
      try loop.register(client.descriptor, .readable, token: UInt64(index))
      clients.append(client)
    }
  }

  /// Sends so many requests, all of which have to succeed, and answers nanoseconds for each.
  func run(_ path: String, body: [UInt8], count: Int) throws -> Double {
    let request =
      Array("POST \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
    let start = MonotonicClock.nanoseconds()
    var sent = 0
    var answered = 0
    for client in clients where sent < count {
      try Self.send(request, to: client)
      sent += 1
    }
    while answered < count {
      for event in try loop.wait() {
        let client = clients[Int(event.token)]
        for response in try Self.receive(from: client) {
          guard response.status == 200 else {
            throw BenchError("HTTP \(response.status): \(String(decoding: response.body.prefix(300), as: UTF8.self))")
          }
          answered += 1
          guard sent < count else { continue }
          try Self.send(request, to: client)
          sent += 1
        }
      }
    }
    return Double(MonotonicClock.nanoseconds() - start) / Double(count)
  }

  private static func send(_ request: [UInt8], to client: Client) throws {
    // One of these fits a socket's buffer many times.
    guard unsafe Glibc.send(client.descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
    else { throw BenchError("cannot send a request: error \(errno)") }
  }

  private static func receive(from client: Client) throws -> [HTTPResponseReader.Response] {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 16 << 10) { buffer, count in
      unsafe count = max(0, recv(client.descriptor, buffer.baseAddress, buffer.count, 0))
    }
    guard !bytes.isEmpty else { throw BenchError("the coordinator has closed a connection") }
    client.answers.append(bytes)
    var responses: [HTTPResponseReader.Response] = []
    while let response = try client.answers.next() { responses.append(response) }
    return responses
  }
}
