import Dataflow
import Testing

@Suite("Name table")
struct NameTableTests {
  @Test("Names of any length have the numbers of their order")
  func numbers() {
    let names = (0..<300).map { String(repeating: "n", count: $0) }
    let table = NameTable(names)
    for (number, name) in names.enumerated() { #expect(table.number(of: name) == number) }
    #expect(table.number(of: "m") == nil && NameTable().number(of: "") == nil)
  }

  @Test("Of equal names the first counts, and a name can give way to another")
  func equalAndReplaced() {
    var table = NameTable(["a", "b", "a"])
    #expect(table.number(of: "a") == 0 && table.count == 3)
    table.replace(1, by: "c")
    #expect(table.number(of: "b") == nil && table.number(of: "c") == 1)
    #expect(table.append("b") == 3 && table.number(of: "b") == 3)
  }
}
