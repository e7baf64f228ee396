import Dataflow
import Testing

@Suite("Spelling")
struct SpellingTests {
  @Test(
    "Guesses the name that was meant, or none",
    arguments: [
      ("wrods", "words"), ("word", "words"), ("wordss", "words"), ("cuonts", "counts"), ("words", "words"),
      ("xyz", nil), ("", nil), ("c", nil), ("counters", "counts"),
    ])
  func closest(word: String, expected: String?) {
    #expect(Spelling.closest(to: word, among: ["counts", "words"]) == expected)
  }

  @Test("Of two names that are as close, the first by name")
  func ties() {
    #expect(Spelling.closest(to: "cat", among: ["rat", "bat"]) == "bat")
    #expect(Spelling.closest(to: "cat", among: []) == nil)
  }
}
