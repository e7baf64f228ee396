import Dataflow
import Testing

@Suite("Number table")
struct NumberTableTests {
  @Test("It holds what a dictionary would, whatever comes and goes", arguments: 1...20 as ClosedRange<UInt64>)
  func likeADictionary(seed: UInt64) {
    var table = NumberTable<String>()
    var model: [UInt64: String] = [:]
    var state = seed
    for step in 0..<2000 {
      // Knuth's generator; the upper bits are the good ones.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = (state >> 33) % 64
      switch state >> 60 {
      case 0..<7:
        table.insert("\(step)", for: number)
        model[number] = "\(step)"
      case 7..<12: #expect(table.removeValue(for: number) == model.removeValue(forKey: number))
      case 12..<14:
        table.change(number, default: "new") { $0 += "+" }
        model[number, default: "new"] += "+"
      default:
        let changed: Bool? = table.change(number) { text in
          text += "!"
          return true
        }
        #expect(changed == model[number].map { _ in true })
        model[number]? += "!"
      }
      #expect(table[number] == model[number] && table.count == model.count)
    }
    #expect(table.numbers.sorted() == model.keys.sorted())
    for (number, value) in table.elements { #expect(model[number] == value) }
  }

  @Test("Numbers at the ends of the range")
  func ends() {
    var table = NumberTable<Int>()
    #expect(table[UInt64.max] == nil && table[0 as UInt64] == nil)
    table.insert(1, for: 0)
    table.insert(2, for: .max - 1)
    #expect(table[0 as UInt64] == 1 && table[UInt64.max - 1] == 2)
    #expect(!table.contains(.max) && table.removeValue(for: .max) == nil)
  }
}
