import NIOCore
import NIOPosix

/// One TCP connection, or one HTTP request over one, for a probe or a hook.
struct NetworkProbe: Sendable {
  struct Outcome: Sendable, Hashable {
    var succeeded: Bool
    var message: String
  }

  var host: String
  var port: Int
  var timeout: Duration

  func connect() async -> Outcome {
    do {
      let channel = try await bootstrap().connect(host: host, port: port).get()
      try? await channel.close()
      return Outcome(succeeded: true, message: "connected")
    } catch {
      return Outcome(succeeded: false, message: "dial tcp \(host):\(port): \(error)")
    }
  }

  /// Statuses from 200 to 399 are a success.
  func get(path: String, headers: [HookSpecification.Header]) async -> Outcome {
    let path = path.hasPrefix("/") ? path : "/" + path
    let target = "http://\(host):\(port)\(path)"
    do {
      let answer = try await withTimeout { try await self.status(path: path, headers: headers) }
      guard let status = answer else {
        return Outcome(succeeded: false, message: "Get \"\(target)\": no answer in \(timeout)")
      }
      return Outcome(succeeded: (200..<400).contains(status), message: "HTTP probe: \(target) answered \(status)")
    } catch {
      return Outcome(succeeded: false, message: "Get \"\(target)\": \(error)")
    }
  }

  private func status(path: String, headers: [HookSpecification.Header]) async throws -> Int {
    var request = "GET \(path) HTTP/1.1\r\n"
    if !headers.contains(where: { $0.name.lowercased() == "host" }) { request += "Host: \(host):\(port)\r\n" }
    if !headers.contains(where: { $0.name.lowercased() == "user-agent" }) {
      request += "User-Agent: pheromone-node-agent\r\n"
    }
    for header in headers where !(header.name + header.value).utf8.contains(where: { $0 == 13 || $0 == 10 }) {
      request += "\(header.name): \(header.value)\r\n"
    }
    request += "Accept: */*\r\nConnection: close\r\n\r\n"
    let channel = try await bootstrap().connect(host: host, port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
    return try await channel.executeThenClose { [request] inbound, outbound in
      try await outbound.write(ByteBuffer(string: request))
      var head = ""
      for try await var chunk in inbound {
        head += chunk.readString(length: chunk.readableBytes) ?? ""
        if let end = head.firstIndex(of: "\r\n") {
          let words = head[..<end].split(separator: " ")
          guard words.count >= 2, let status = Int(words[1]) else { break }
          return status
        }
        guard head.utf8.count < 4096 else { break }
      }
      throw ProcessError("the answer is no HTTP: \(head.prefix(40).debugDescription)")
    }
  }

  private func bootstrap() -> ClientBootstrap {
    ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.nanoseconds(Int64(min(timeout, .seconds(60)) / .nanoseconds(1))))
  }

  /// Nil when the time is over.
  private func withTimeout<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value? {
    try await withThrowingTaskGroup(of: Value?.self) { [timeout] group in
      group.addTask { try await body() }
      group.addTask {
        try await Task.sleep(for: timeout)
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }
}
