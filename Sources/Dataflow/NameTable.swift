/// Gives names numbers, in their order from 0. For names that are looked up on the path of every object: its hash is quick,
/// and keeps only accidents apart. Who lets others choose the names keeps their number small.
///
/// Names are compared by their bytes.
package struct NameTable: Sendable {
  package private(set) var names: ContiguousArray<String> = []
  /// One above the number of a name; zero in an empty place. A power of two, at most half full.
  private var places: ContiguousArray<Int32> = []

  package init() {}

  /// - Parameter names: of equal ones the first counts; the others have numbers, too.
  package init(_ names: some Sequence<String>) {
    for name in names { append(name) }
  }

  package var count: Int { names.count }

  /// The number of a name, or nil if it is not there.
  package func number(of name: String) -> Int? {
    guard !places.isEmpty else { return nil }
    var place = home(of: name)
    while places[place] != 0 {
      let number = Int(places[place] - 1)
      if names[number] == name { return number }
      place = (place + 1) & (places.count - 1)
    }
    return nil
  }

  /// Enters a name that is not there yet.
  @discardableResult
  package mutating func append(_ name: String) -> Int {
    names.append(name)
    if names.count * 2 > places.count { spread() } else { enter(names.count - 1) }
    return names.count - 1
  }

  /// Another name has the number from now on. Takes time for each name.
  package mutating func replace(_ number: Int, by name: String) {
    names[number] = name
    spread()
  }

  private mutating func spread() {
    var size = 4
    while size < names.count * 2 { size *= 2 }
    places = ContiguousArray(repeating: 0, count: size)
    for number in names.indices { enter(number) }
  }

  private mutating func enter(_ number: Int) {
    var place = home(of: names[number])
    while places[place] != 0 {
      if names[Int(places[place] - 1)] == names[number] { return }
      place = (place + 1) & (places.count - 1)
    }
    places[place] = Int32(number + 1)
  }

  private func home(of name: String) -> Int { Int(truncatingIfNeeded: name.quickHash) & (places.count - 1) }
}
