import Foundation
import KubernetesAPI
import Logging
import Testing

@testable import ProgramLog

@Suite struct LogRecordTests {
  static let time = Date(timeIntervalSince1970: 1_795_420_800.25)

  private func record(_ message: String, error: String? = nil, _ metadata: Logger.Metadata = [:]) -> LogRecord {
    LogRecord(time: Self.time, level: .info, logger: "test", message: message, error: error, metadata: metadata)
  }

  private func parsed(_ record: LogRecord) throws -> JSONValue {
    let line = record.line(.json)
    #expect(line.hasSuffix("}\n"))
    #expect(line.dropLast().allSatisfy { !$0.isNewline })
    return try JSONValue(parsing: line)
  }

  @Test func everyLineHasTimeLevelLoggerAndMessage() {
    #expect(
      record("starting").line(.json)
        == #"{"time":"2026-11-23T08:00:00.250Z","level":"info","logger":"test","message":"starting"}"# + "\n")
    #expect(record("starting").line(.console) == "2026-11-23T08:00:00.250Z info     test: starting\n")
  }

  @Test func metadataAreFieldsInTheOrderOfTheirNames() throws {
    let record = record(
      "m",
      [
        "pid": "\(7)", "count": .stringConvertible(7), "share": .stringConvertible(0.5),
        "yes": .stringConvertible(true),
        "never": .stringConvertible(Double.infinity), "list": ["a", "b"], "map": ["z": "1", "a": ["x": "y"]],
      ])
    #expect(
      record.line(.json).contains(
        #""message":"m","count":7,"list":["a","b"],"map":{"a":{"x":"y"},"z":"1"},"never":"inf","pid":"7","#
          + #""share":0.5,"yes":true}"#))
    #expect(record.line(.console).contains(" count=7 list=") && record.line(.console).contains(" pid=7 "))
    _ = try parsed(record)
  }

  @Test func namesThatEveryLineHasAreNotGivenTwice() throws {
    let value = try parsed(record("m", error: "e", ["message": "other", "time": "now", "error": "x", "free": "y"]))
    #expect(value["message"] == "m")
    #expect(value["metadata.message"] == "other")
    #expect(value["metadata.time"] == "now")
    #expect(value["error"] == "e")
    #expect(value["metadata.error"] == "x")
    #expect(value["free"] == "y")
    #expect(try parsed(record("m", ["error": "x"]))["error"] == "x")
  }

  /// Every byte, alone and between others, as what is decoded from it.
  @Test func anyBytesComeBackAsTheyWere() throws {
    for byte in UInt8.min...UInt8.max {
      let text = String(decoding: [0x61, byte, 0x62], as: UTF8.self)
      let value = try parsed(record(text, ["k\(text)": .string(text), "list": [.string(text)]]))
      #expect(value["message"]?.stringValue == text)
      #expect(value["k\(text)"]?.stringValue == text)
      #expect(value["list"]?[0]?.stringValue == text)
    }
    for text in ["\u{2028}\u{2029}\u{85}", "é😀\u{202e}", "\\u0041\"\\", "", "\u{0}"] {
      #expect(try parsed(record(text))["message"]?.stringValue == text)
    }
  }

  @Test func nothingEndsAConsoleLineOrRulesATerminal() {
    let line = record("a\nb\r\u{1b}[31m\u{9b}", ["k": "c\n\"d\"", "empty": "", "e": "a=b", "plain": "x/y:1"]).line(
      .console)
    #expect(line.dropLast().unicodeScalars.allSatisfy { !LogRecord.isControl($0) })
    #expect(line.contains(#"test: a\nb\r\u{1b}[31m\u{9b} e="a=b" empty="" k="c\n\"d\"" plain=x/y:1"#))
  }

  @Test func linesAreBounded() throws {
    let long = String(repeating: "é", count: 100_000)
    let metadata = Logger.Metadata(uniqueKeysWithValues: (0..<100).map { ("k\($0)", .string(long)) })
    let value = try parsed(record(long, metadata))
    #expect(value["truncated"] == true)
    #expect(value["message"]?.stringValue == String(repeating: "é", count: LogRecord.longestText / 2) + "…")
    let most = LogRecord.longestLine + LogRecord.longestText + 1024
    #expect(record(long, metadata).line(.json).utf8.count < most)
    #expect(record(long, metadata).line(.console).utf8.count < most)
  }

  @Test func deepMetadataBecomeText() throws {
    var deep = Logger.MetadataValue.string("end")
    for _ in 0..<100 { deep = .array([deep]) }
    #expect(try parsed(record("m", ["deep": deep]))["deep"] != nil)
  }
}
