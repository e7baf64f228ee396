/// All choices of one run. They are drawn from a seed and recorded, in chunks: one for the scenario, then one for each
/// step. A recorded tape plays again, and still does when chunks are left out, since each step draws from its own only.
///
/// Zero always is the harmless choice: what a tape lacks is read as zero.
package struct Tape: Sendable, Hashable {
  package private(set) var chunks: [[UInt32]]
  private let isReplayed: Bool
  private var random: SeededGenerator
  private var chunk = -1
  private var position = 0
  private var isCalm = false

  package init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
    chunks = []
    isReplayed = false
  }

  package init(replaying chunks: [[UInt32]]) {
    random = SeededGenerator(seed: 0)
    self.chunks = chunks
    isReplayed = true
  }

  /// Steps that are recorded, for a tape that is replayed.
  var stepCount: Int? { isReplayed ? max(0, chunks.count - 1) : nil }

  /// Goes on to the next chunk.
  mutating func turn() {
    chunk += 1
    position = 0
    if !isReplayed { chunks.append([]) }
  }

  /// From now on every choice is the harmless one, and nothing is recorded.
  mutating func calmDown() { isCalm = true }

  /// A number from 0 up to, not including, `bound`.
  mutating func below(_ bound: Int) -> Int {
    guard bound > 1, !isCalm else { return 0 }
    guard isReplayed else {
      let drawn = random.below(bound)
      chunks[chunk].append(UInt32(drawn))
      return drawn
    }
    guard chunks.indices.contains(chunk), chunks[chunk].indices.contains(position) else { return 0 }
    defer { position += 1 }
    return Int(chunks[chunk][position]) % bound
  }

  /// True once in so many times.
  mutating func once(in count: Int) -> Bool { count > 1 ? below(count) == count - 1 : !isCalm }

  mutating func element<Element>(of list: [Element]) -> Element? { list.isEmpty ? nil : list[below(list.count)] }
}

extension Tape {
  /// One line a chunk.
  package var text: String {
    chunks.map { $0.map(String.init).joined(separator: " ") + "\n" }.joined()
  }

  /// Nil when the text is no tape.
  package init?(text: String) {
    var chunks: [[UInt32]] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      let numbers = line.split(separator: " ").map { UInt32($0) }
      guard numbers.allSatisfy({ $0 != nil }) else { return nil }
      chunks.append(numbers.compactMap(\.self))
    }
    self.init(replaying: chunks)
  }
}
