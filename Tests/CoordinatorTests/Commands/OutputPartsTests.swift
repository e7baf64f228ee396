import Foundation
import Testing
import Wire

@testable import Coordinator
@testable import pheromone

@Suite struct OutputPartsTests {
  private static let outputs = [("", "4 words\n"), ("say \"hi\"", "a\r\nb"), ("none", "")]

  private static func body() -> (bytes: Data, type: String) {
    let multipart = Multipart(outputs.map { .init(name: $0.0, bytes: Array($0.1.utf8)) })
    return (Data(multipart.bytes), multipart.contentType)
  }

  @Test func `what the coordinator has put together is taken apart`() throws {
    let (bytes, type) = Self.body()
    let parts = try #require(OutputParts.parts(of: bytes, type))
    #expect(parts.map(\.name) == Self.outputs.map(\.0))
    #expect(parts.map { String(decoding: $0.bytes, as: UTF8.self) } == Self.outputs.map(\.1))
  }

  @Test func `each output has a heading and lines of its own`() throws {
    let (bytes, type) = Self.body()
    let text = OutputParts.text(try #require(OutputParts.parts(of: bytes, type)))
    #expect(
      String(decoding: text, as: UTF8.self)
        == "==> (default) <==\n4 words\n==> say \"hi\" <==\na\r\nb\n==> none <==\n")
  }

  @Test func `a single output, and what is cut short, are left as they are`() {
    let (bytes, type) = Self.body()
    #expect(OutputParts.parts(of: bytes, "application/octet-stream") == nil)
    #expect(OutputParts.parts(of: Data("--pheromone-".utf8), type) == nil)
    #expect(OutputParts.parts(of: Data(), type) == nil)
  }
}
