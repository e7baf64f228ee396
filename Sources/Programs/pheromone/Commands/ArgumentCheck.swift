import ArgumentParser

/// What an argument has to look like before it is made a part of a request. What fails here is wrong usage.
enum ArgumentCheck {
  static func workflow(_ name: String) throws {
    guard !name.isEmpty else {
      throw ValidationError("the name of the workflow is empty; see kubectl get workflows")
    }
  }

  /// Sessions are named by the platform. Anything else would make another path of the request's, that of the workflow even.
  static func session(_ name: String) throws {
    guard (1...128).contains(name.utf8.count), name.utf8.allSatisfy(isLetterDigitOrHyphen) else {
      throw ValidationError(
        "\(quoted(name)) is not the name of a session, which is of letters, digits and hyphens; see pheromone sessions")
    }
  }

  /// The coordinator's rule, and what a header can carry: a line break would begin another one.
  static func idempotencyKey(_ key: String) throws {
    guard (1...512).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
      throw ValidationError(
        "--idempotency-key \(quoted(key)): a key has 1 to 512 bytes of printable ASCII; encode or hash what is not")
    }
  }

  private static func isLetterDigitOrHyphen(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Short, and without what would disturb a terminal.
  private static func quoted(_ text: String) -> String {
    "\"" + text.unicodeScalars.prefix(60).map { $0.escaped(asASCII: true) }.joined() + "\""
  }
}
