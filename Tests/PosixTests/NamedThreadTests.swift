import Foundation
import Testing

@testable import Posix

@Suite struct NamedThreadTests {
  @Test func `a thread runs its body once under its name`() async throws {
    let names = AsyncStream.makeStream(of: String.self)
    try NamedThread.start("a-long-name-of-a-thread", stackSize: 256 << 10) {
      let name = try? OpenFile(reading: "/proc/thread-self/comm").readToEnd()
      names.continuation.yield(name.map { String(decoding: $0, as: UTF8.self) } ?? "")
      names.continuation.finish()
    }
    var seen: [String] = []
    for await name in names.stream { seen.append(name) }
    #expect(seen == ["a-long-name-of-\n"])
  }

  @Test func `a thread that cannot be started is an error`() {
    #expect(throws: PosixError.self) { try NamedThread.start("too-large", stackSize: 1 << 50) {} }
  }
}
