import Dataflow
import SharedMemory
import Testing

@testable import PheromoneFunctions

@Suite struct HostTests {
  private func view(_ text: String) throws -> ObjectView {
    let segment = try MemorySegment.create(size: 65536, access: .writing)
    try segment.write(Array(text.utf8), at: 100)
    return ObjectView(
      segment: segment, offset: 100, count: text.utf8.count, key: "k", bucket: "b", group: "")
  }

  @Test(arguments: [
    "", "a", "one two", "no-white-space-at-all", "a b c d e f g h\ni j", "  lead and trail  ", "é ü ñ ö",
  ])
  func chunksTearNoWordAndLoseNothing(text: String) throws {
    for number in 1...6 {
      let chunks = try view(text).chunks(number)
      #expect(chunks.map(\.text).joined() == text)
      #expect(chunks.count <= number)
      #expect(chunks.allSatisfy { !$0.isEmpty })
      for chunk in chunks.dropLast() { #expect(chunk.text.last?.isWhitespace == true) }
    }
  }

  @Test func chunksAreOfSimilarSize() throws {
    let chunks = try view(String(repeating: "word ", count: 1000)).chunks(4)
    #expect(chunks.map(\.count) == [1250, 1250, 1250, 1250])
  }

  @Test func withoutASocketTheProgramSaysWhatItIs() {
    let error = #expect(throws: FunctionError.self) { try HostConfiguration(environment: [:]) }
    #expect(error?.message.contains("function host") == true)
    #expect(throws: FunctionError.self) {
      try HostConfiguration(environment: ["PHEROMONE_SOCKET": "s", "PHEROMONE_EXECUTORS": "0"])
    }
  }

  @Test func functionNamesDiffer() {
    #expect(throws: FunctionError.self) { try FunctionTable.check([]) }
    #expect(throws: FunctionError.self) { try FunctionTable.check([Function("a") { _ in }, Function("a") { _ in }]) }
  }

  @Test func deadWorkersComeBackAtOnceUnlessTheyKeepDying() {
    var policy = RestartPolicy()
    #expect((1...3).map { _ in policy.delay(afterLife: .zero) } == [.zero, .zero, .zero])
    #expect(policy.delay(afterLife: .zero) == .milliseconds(50))
    #expect((1...20).map { _ in policy.delay(afterLife: .zero) }.last == .seconds(5))
    #expect(policy.delay(afterLife: .seconds(2)) == .zero)
  }
}
