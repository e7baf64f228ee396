import Foundation

/// How often each word occurs. A word is a run of ASCII letters and digits, in lower case.
struct WordCounts: Equatable {
  private(set) var counts: [String: Int] = [:]

  /// What the example answers, and what `uniq -c` writes: a line a word, with its count before it.
  init(lines: String) throws {
    for line in lines.split(separator: "\n") {
      let fields = line.split(whereSeparator: \.isWhitespace)
      guard fields.count == 2, let count = Int(fields[0]) else { throw NotYet("no count and word in '\(line)'") }
      counts[String(fields[1]), default: 0] += count
    }
  }

  /// What coreutils count, which know nothing of this project.
  static func byCoreutils(_ file: String) async throws -> WordCounts {
    let script = "set -o pipefail; tr -cs 'A-Za-z0-9' '\\n' <\"$1\" | tr A-Z a-z | sed '/^$/d' | sort | uniq -c"
    let outcome = try await Command(
      program: "/bin/bash", arguments: ["-c", script, "count", file], environment: ["LC_ALL": "C"]
    ).run()
    return try WordCounts(lines: outcome.output)
  }

  /// The words in which two counts differ, for a message.
  func differences(from other: WordCounts) -> [String] {
    Set(counts.keys).union(other.counts.keys).sorted().filter { counts[$0] != other.counts[$0] }
      .map { "\($0): \(counts[$0] ?? 0) and \(other.counts[$0] ?? 0)" }
  }
}
