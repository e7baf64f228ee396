import Dataflow
import Testing

@Suite("Default groups")
struct DefaultGroupTests {
  @Test(
    "A key's group ends before its first colon",
    arguments: [
      ("a:1", "a"), ("a", "a"), ("a:b:c", "a"), (":a", ""), ("", ""), ("a|b\0:c", "a|b\0"), ("ö:\u{301}x", "ö"),
    ])
  func group(key: String, group: String) { #expect(DefaultGroup.make(key: key) == group) }
}
