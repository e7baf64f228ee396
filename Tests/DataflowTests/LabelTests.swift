import Dataflow
import Foundation
import Testing

@Suite("Labels")
struct LabelTests {
  private static let digest = StableHash.of("a", "firing")

  @Test(
    "Every text comes back as it was",
    arguments: [
      "", "k", digest, digest + "-1", digest + "-10", digest + "-4294967295", digest + "-4294967296", digest + "-0",
      digest + "-01", digest + "-", digest + "1", digest + "_1", digest + "-1 ", digest.uppercased(),
      String(digest.dropLast()), String(digest.dropLast()) + "g", "0123456789abcdef0123456789abcdef", "größe",
    ])
  func texts(text: String) throws {
    let label = Label(text)
    #expect(Array(label.text.utf8) == Array(text.utf8))
    #expect(label.byteCount == text.utf8.count && label.isEmpty == text.isEmpty)
    #expect(label == Label(text) && label != Label(text + "x"))

    var (hash, expected) = (StableHash(), StableHash())
    hash.update(field: label)
    expected.update(field: text)
    #expect(hash.finish() == expected.finish())

    let coded = try JSONEncoder().encode([label])
    #expect(coded == (try JSONEncoder().encode([text])))
    #expect(try JSONDecoder().decode([Label].self, from: coded) == [label])
  }

  @Test("What the platform makes is kept as numbers, and nothing else")
  func forms() throws {
    let digest = try #require(Self.made(Self.digest)?.digest)
    #expect(digest.text == Self.digest)
    #expect(Label(digest) == Label(Self.digest))
    #expect(Self.made(Self.digest + "-7")?.count == 7)
    #expect(DefaultKey.make(firing: Label(digest), index: 7) == Label(Self.digest + "-7"))
    let others = [
      "", "k", Self.digest.uppercased(), Self.digest + "-0", Self.digest + "-07", Self.digest + "-4294967296",
      Self.digest + "-7 ", " " + Self.digest,
    ]
    for other in others { #expect(Self.made(other) == nil, "\(other)") }
  }

  @Test("Texts that Unicode holds to be equivalent are one label")
  func equivalence() {
    #expect(Label("e\u{301}") == Label("\u{e9}"))
    #expect(Set<Label>(["e\u{301}", "\u{e9}"]).count == 1)
  }

  private static func made(_ text: String) -> (digest: Digest, count: UInt32)? {
    if case .made(let digest, let count) = Label(text).form { (digest, count) } else { nil }
  }
}
