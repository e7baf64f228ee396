import Foundation
import Testing

@testable import Posix

@Suite struct OpenFileTests {
  private func withFile(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "pheromone-file-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  @Test func `what is written is read, in pieces and to the end`() throws {
    try withFile { path in
      let bytes = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
      try OpenFile(replacing: path, permissions: 0o600).write(bytes)
      let file = try OpenFile(reading: path)
      #expect(try file.size() == bytes.count)
      #expect(try file.read(upTo: 3) == bytes.prefix(3))
      #expect(try file.readToEnd() == bytes.dropFirst(3))
      #expect(try file.read(upTo: 3).isEmpty)
      #expect(try OpenFile(reading: path).readToEnd(limit: 70_000) == bytes.prefix(70_000))
    }
  }

  @Test func `appending keeps what is there, replacing does not, and both make the file`() throws {
    try withFile { path in
      try OpenFile(appendingTo: path, permissions: 0o600).write(Data("one".utf8))
      try OpenFile(appendingTo: path, permissions: 0o600).write(Data(" two".utf8))
      #expect(try OpenFile(reading: path).readToEnd() == Data("one two".utf8))
      try OpenFile(replacing: path, permissions: 0o600).write(Data("three".utf8))
      #expect(try OpenFile(reading: path).readToEnd() == Data("three".utf8))
      let permissions = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
      #expect(permissions?.intValue == 0o600)
    }
  }

  @Test func `a file without a size is read to its end`() throws {
    #expect(try !OpenFile(reading: "/proc/self/status").readToEnd().isEmpty)
  }

  @Test func `what is refused says what was tried and why`() throws {
    let failure = try #require(throws: PosixError.self) { try OpenFile(reading: "/proc/none") }
    #expect("\(failure)" == "cannot open /proc/none: No such file or directory")
    let closed = try OpenFile(reading: "/proc/self/status")
    closed.close()
    closed.close()
    #expect(throws: PosixError.self) { try closed.readToEnd() }
  }

  @Test func `a pipe ends when its writer is closed`() throws {
    let pipe = try Posix.Pipe()
    try pipe.writing.write(Data("last".utf8))
    pipe.writing.close()
    #expect(try pipe.reading.readToEnd() == Data("last".utf8))
  }
}
