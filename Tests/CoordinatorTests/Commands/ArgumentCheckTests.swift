import ArgumentParser
import Testing

@testable import pheromone

/// What the commands refuse before they send anything, as wrong usage.
@Suite struct ArgumentCheckTests {
  static func refusal(_ arguments: [String]) -> (message: String, code: Int32)? {
    do {
      _ = try Pheromone.parseAsRoot(arguments)
      return nil
    } catch {
      return (Pheromone.message(for: error), Pheromone.exitCode(for: error).rawValue)
    }
  }

  @Test(arguments: ["", "a\r\nX-Smuggled: 1", "a\u{7f}", "x\u{e9}", "xe\u{301}", String(repeating: "k", count: 513)])
  func `a key that no header can carry is refused`(key: String) throws {
    let refusal = try #require(Self.refusal(["invoke", "w", "--idempotency-key", key]))
    #expect(refusal.code == 64)
    #expect(refusal.message.contains("1 to 512 bytes of printable ASCII"), "\(refusal.message)")
    #expect(refusal.message.utf8.allSatisfy { (0x20...0x7E).contains($0) }, "\(refusal.message)")
  }

  @Test(arguments: ["order-17", "a b", String(repeating: "k", count: 512)])
  func `a key of printable ASCII is sent`(key: String) {
    #expect(Self.refusal(["invoke", "w", "--idempotency-key", key]) == nil)
  }

  @Test(arguments: ["explain", "output", "cancel", "recording"])
  func `what cannot be a session is refused`(command: String) throws {
    for session in ["", ".", "..", "a/b", "a b", "s\u{e9}", "s?x", String(repeating: "s", count: 129)] {
      let refusal = try #require(Self.refusal([command, "w", session]), "\(session)")
      #expect(refusal.code == 64)
      #expect(refusal.message.contains("is not the name of a session"), "\(refusal.message)")
    }
    #expect(Self.refusal([command, "w", "k3vabcdefghij234567a"]) == nil)
    #expect(Self.refusal([command, "", "s"])?.code == 64)
  }

  @Test(arguments: ["invoke", "sessions"])
  func `a workflow has a name`(command: String) {
    #expect(Self.refusal([command, ""])?.code == 64)
    #expect(Self.refusal([command, "w"]) == nil)
  }
}
