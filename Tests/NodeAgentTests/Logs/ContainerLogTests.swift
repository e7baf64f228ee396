import Foundation
import NodeAgent
import Testing

@Suite struct ContainerLogTests {
  private func withLog(sizeLimit: Int = 1 << 20, _ body: (ContainerLog) async throws -> Void) async throws {
    let path = NSTemporaryDirectory() + "pheromone-log-\(UUID().uuidString.prefix(8))"
    defer {
      try? FileManager.default.removeItem(atPath: path)
      try? FileManager.default.removeItem(atPath: path + ".1")
    }
    try await body(try ContainerLog(path: path, sizeLimit: sizeLimit))
  }

  private func read(_ log: ContainerLog, _ query: LogQuery = LogQuery()) async throws -> String {
    var reader = LogReader(log, query)
    var bytes: [UInt8] = []
    while let chunk = try await reader.next() { bytes += chunk }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func add(_ text: String, to log: ContainerLog, at seconds: Double = 0) {
    log.append(Array(text.utf8)[...], now: Date(timeIntervalSince1970: seconds))
  }

  @Test func linesAreCutAndAnUnfinishedOneIsShownAtTheEnd() async throws {
    try await withLog { log in
      add("one\ntw", to: log)
      add("o\nthree", to: log)
      let text1 = try await read(log)
      #expect(text1 == "one\ntwo\n")
      log.append(nil)
      let text2 = try await read(log)
      #expect(text2 == "one\ntwo\nthree")
    }
  }

  /// As a kubelet keeps it of a container that has failed: 80 lines, of these 2048 bytes, and no half character.
  @Test(arguments: [
    (1...3, "line", 3, "line 1\nline 2\nline 3"), (1...200, "l", 80, nil),
    (1...200, String(repeating: "é", count: 40), 25, nil),
    (1...2, String(repeating: "é", count: 20_000), 1, nil),
  ])
  func theEndingIsTheLastLines(_ lines: ClosedRange<Int>, _ text: String, _ count: Int, _ whole: String?) async throws {
    try await withLog(sizeLimit: 4096) { log in
      for line in lines { add("\(text) \(line)\n", to: log) }
      log.append(nil)
      let ending = log.ending()
      #expect(ending.utf8.count <= ContainerLog.endingBytes)
      #expect(ending.split(separator: "\n").count == count)
      #expect(ending.hasSuffix("\(text.suffix(10)) \(lines.upperBound)"))
      #expect(!ending.contains("\u{fffd}"))
      if let whole { #expect(ending == whole) }
    }
  }

  @Test func queriesChooseLines() async throws {
    try await withLog { log in
      for second in 1...5 { add("line \(second)\n", to: log, at: Double(second)) }
      var query = LogQuery()
      query.tailLines = 2
      let text3 = try await read(log, query)
      #expect(text3 == "line 4\nline 5\n")
      query = LogQuery()
      query.since = Date(timeIntervalSince1970: 4)
      let text4 = try await read(log, query)
      #expect(text4 == "line 4\nline 5\n")
      query.timestamps = true
      query.tailLines = 1
      let text5 = try await read(log, query)
      #expect(text5 == "1970-01-01T00:00:05.000000Z line 5\n")
      query = LogQuery()
      query.limitBytes = 8
      let text6 = try await read(log, query)
      #expect(text6 == "line 1\nl")
    }
  }

  @Test func twoFilesAreKeptAtMost() async throws {
    try await withLog(sizeLimit: 400) { log in
      for number in 0..<100 { add("line \(number)\n", to: log) }
      let text = try await read(log)
      #expect(text.hasSuffix("line 99\n"))
      #expect(!text.contains("line 1\n"))
      let sizes = [log.path, log.rotatedPath].compactMap { FileManager.default.contents(atPath: $0)?.count }
      #expect(sizes.count == 2 && sizes.allSatisfy { $0 <= 440 })
    }
  }

  @Test func aFollowerSeesWhatIsWrittenLaterAlsoAcrossARotation() async throws {
    try await withLog(sizeLimit: 400) { log in
      add("first\n", to: log)
      var query = LogQuery()
      query.follow = true
      var reader = LogReader(log, query)
      var bytes = try await reader.next() ?? []
      for number in 0..<8 { add("line \(number)\n", to: log) }
      log.append(nil)
      while let chunk = try await reader.next() { bytes += chunk }
      let expected = "first\n" + (0..<8).map { "line \($0)\n" }.joined()
      #expect(String(decoding: bytes, as: UTF8.self) == expected)
    }
  }

  @Test func queryParametersAreChecked() throws {
    let now = Date(timeIntervalSince1970: 100)
    let query = try LogQuery(["follow": "true", "tailLines": "3", "sinceSeconds": "10"], now: now)
    #expect(query.follow && query.tailLines == 3 && query.since == Date(timeIntervalSince1970: 90))
    #expect(throws: ProcessError.self) { try LogQuery(["tailLines": "x"], now: now) }
  }
}
