import Dataflow
import Testing
import Wire

@Suite("Names of objects")
struct NameRuleTests {
  @Test(
    "Any text up to the limit is a key",
    arguments: ["a", "|", "\0", "a\nb", ":", "größe", String(repeating: "x", count: 1024)])
  func allowed(key: String) {
    #expect(NameRule.objection(toKey: key) == nil)
    #expect(NameRule.objection(toGroup: key) == nil)
    #expect(NameRule.objection(toOutput: key) == nil)
  }

  @Test("Groups and outputs may have an empty name, and keys may not")
  func empty() {
    #expect(NameRule.objection(toKey: "")?.contains("leave it out") == true)
    #expect(NameRule.objection(toGroup: "") == nil && NameRule.objection(toGroup: nil) == nil)
    #expect(NameRule.objection(toOutput: "") == nil)
  }

  @Test("The limit counts bytes, and what is too long is shown by its beginning")
  func tooLong() throws {
    let long = String(repeating: "ö", count: 513)
    let objection = try #require(NameRule.objection(toKey: long))
    #expect(objection.hasPrefix("a key of 1026 bytes") && objection.hasSuffix("the limit is 1024"))
    #expect(objection.utf8.count < 200)
  }

  @Test("Every name of a transaction is looked at")
  func transactions() {
    let long = String(repeating: "x", count: 1025)
    let nowhere = ObjectLocation(segment: 0, offset: 0, length: 0)
    let bad: [Transaction] = [
      Transaction(puts: [.init(bucket: "b", key: "", location: nowhere)]),
      Transaction(puts: [.init(bucket: "b", key: Label(long), location: nowhere)]),
      Transaction(puts: [.init(bucket: "b", key: "k", group: long, location: nowhere)]),
      Transaction(puts: [.init(bucket: long, key: "k", location: nowhere)]),
      Transaction(announcements: [.init(bucket: "b", keys: ["k", ""])]),
      Transaction(announcements: [.init(bucket: long, keys: [])]),
      Transaction(outputs: [.init(name: long, location: nowhere)]),
      Transaction(calls: [.init(function: "f", key: "", location: nowhere)]),
      Transaction(calls: [.init(function: "f", key: "k", group: long, location: nowhere)]),
      Transaction(calls: [.init(function: long, key: "k", location: nowhere)]),
    ]
    for transaction in bad { #expect(transaction.objection != nil, "\(transaction)") }
    let good = Transaction(
      puts: [.init(bucket: "b", key: "k|\0", group: "", location: nowhere)],
      announcements: [.init(bucket: "b", keys: ["k"]), .init(bucket: "b", keys: [])],
      outputs: [.init(name: "", location: nowhere)],
      calls: [.init(function: "f", key: "k", location: nowhere)])
    #expect(good.objection == nil)
  }
}
