extension Spelling {
  /// The longest name that is compared.
  private static let slipLength = 64

  /// Pairs of names of which one is probably the other one misspelt: a letter more, less or wrong, two that changed
  /// places, or another case. Names that count (`part-1`, `part-2`, `row-a`, `row-b`) and short words are left alone.
  package static func slips(among names: [String]) -> [(String, String)] {
    // Two words that are one edit apart have one in common when a letter is left out of either, or of one of them.
    var indexes: [String: [Int]] = [:]
    var pairs: Set<[Int]> = []
    for (index, name) in names.enumerated() where name.count <= slipLength {
      let letters = Array(name.lowercased())
      var variants: Set<String> = [String(letters)]
      for position in letters.indices {
        variants.insert(String(letters[..<position] + letters[(position + 1)...]))
      }
      for variant in variants {
        for earlier in indexes[variant] ?? [] where isSlip(names[earlier], name) { pairs.insert([earlier, index]) }
        indexes[variant, default: []].append(index)
      }
    }
    return pairs.sorted { $0.lexicographicallyPrecedes($1) }.map { (names[$0[0]], names[$0[1]]) }
  }

  private static func isSlip(_ one: String, _ other: String) -> Bool {
    let (small, otherSmall) = (one.lowercased(), other.lowercased())
    guard one != other, min(one.count, other.count) >= 4, distance(small, otherSmall) <= 1 else { return false }
    let (words, otherWords) = (Self.words(small), Self.words(otherSmall))
    guard words.count == otherWords.count else { return true }
    // One edit is in one word.
    guard let (word, otherWord) = zip(words, otherWords).first(where: { $0 != $1 }) else { return true }
    let (letters, otherLetters) = (word.filter { !$0.isNumber }, otherWord.filter { !$0.isNumber })
    return letters != otherLetters && min(letters.count, otherLetters.count) >= 4
  }

  private static func words(_ text: String) -> [Substring] {
    text.split { !$0.isLetter && !$0.isNumber }
  }
}
