import Glibc
import KubernetesAPI
import Logging
import ProgramLog
import Testing

@Suite struct LineLogTests {
  /// A pair of sockets that keeps what is written at once together, so that a reader sees each `write` as it was.
  private func pair() throws -> (writer: Int32, reader: Int32) {
    var sockets: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &sockets) == 0)
    return (sockets[0], sockets[1])
  }

  private func received(_ descriptor: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 1 << 17)
    let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }

  @Test func eachLineIsOneWrite() async throws {
    let (writer, reader) = try pair()
    defer {
      close(writer)
      close(reader)
    }
    let stream = LogStream(descriptor: writer)
    let logger = Logger(label: "test") { LineLog(label: $0, format: .json, stream: stream) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for task in 0..<4 {
        group.addTask { for line in 0..<25 { logger.info("line", metadata: ["task": "\(task)", "line": "\(line)"]) } }
      }
      try await group.waitForAll()
    }
    var seen: Set<JSONValue> = []
    for _ in 0..<100 {
      let line = received(reader)
      #expect(line.count { $0 == "\n" } == 1)
      var value = try JSONValue(parsing: line)
      value["time"] = .null
      seen.insert(value)
    }
    #expect(seen.count == 100)
  }

  @Test func whatIsNearestToTheMessageCounts() throws {
    let (writer, reader) = try pair()
    defer {
      close(writer)
      close(reader)
    }
    var log = LineLog(label: "test", format: .json, stream: LogStream(descriptor: writer))
    log.logLevel = .debug
    log.metadataProvider = Logger.MetadataProvider { ["a": "task", "b": "task"] }
    var logger = Logger(label: "test") { _ in log }
    logger[metadataKey: "a"] = "logger"
    logger[metadataKey: "b"] = "logger"
    logger[metadataKey: "c"] = "logger"
    logger.trace("not shown")
    logger.debug("shown", metadata: ["a": "message"])
    let value = try JSONValue(parsing: received(reader))
    #expect(value["message"] == "shown")
    #expect(value["a"] == "message")
    #expect(value["b"] == "task")
    #expect(value["c"] == "logger")
  }
}
