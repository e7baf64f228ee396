import Dataflow
import Testing

@Suite("Default keys")
struct DefaultKeyTests {
  @Test(
    "What was made is known by the firing that made it",
    arguments: ["f", "", "f-1", "é", "a|b\n", StableHash.of("f"), StableHash.of("f") + "-1"])
  func made(text: String) {
    let firing = Label(text)
    for index in [1, 9, 10, 100, 65_536, .max] {
      let key = DefaultKey.make(firing: firing, index: index)
      #expect(key == "\(firing)-\(index)")
      #expect(DefaultKey.isDefault(key, of: firing))
      #expect(!DefaultKey.isDefault(key, of: Label(text + "x")))
      #expect(!DefaultKey.isDefault(key, of: Label(text + "-")))
    }
  }

  @Test(
    "Anything else is not",
    arguments: [
      "", "f", "f-", "f-0", "f-01", "f-1 ", "f- 1", "f-+1", "f--1", "f-1-1", "g-1", "ff-1", "f1", "f-１", "f-1\0", "F-1",
      "f-12345678901234567890",
    ])
  func others(key: String) { #expect(!DefaultKey.isDefault(Label(key), of: "f")) }

  @Test("Texts that look the same but have other bytes are another firing's")
  func bytes() {
    #expect(!DefaultKey.isDefault("e\u{301}-1", of: "\u{e9}"))
  }
}
