/// Values under numbers that the platform itself has given out, such as objects by their handles: a look-up is a
/// multiplication and mostly one comparison, where a dictionary's hash, which withstands chosen keys, takes ten times as long.
///
/// Public, since that is what the compiler needs to make code for a `Value` of another module; no product offers this one.
///
/// Open addressing with linear probing; a removal closes the gap, so that no marks are left. The largest number of all is never there.
public struct NumberTable<Value> {
  @usableFromInline
  struct Slot {
    /// One above the number; zero in an empty slot.
    @usableFromInline var mark: UInt64 = 0
    @usableFromInline var value: Value?

    @inlinable init() {}
  }

  /// A power of two, or none.
  @usableFromInline var slots: ContiguousArray<Slot> = []
  /// How far a product is shifted for a place.
  @usableFromInline var shift: UInt64 = 64
  @usableFromInline private(set) var stored = 0

  /// An empty table, which takes no memory.
  @inlinable public init() {}

  /// How many values there are.
  @inlinable public var count: Int { stored }
  /// Whether there are none.
  @inlinable public var isEmpty: Bool { stored == 0 }

  /// The value, copied.
  @inlinable
  public subscript(number: UInt64) -> Value? {
    get {
      let place = place(of: number)
      return place < 0 ? nil : slots[place].value
    }
    set {
      if let newValue { insert(newValue, for: number) } else { removeValue(for: number) }
    }
  }

  /// The value, copied.
  @inlinable public subscript(number: UInt32) -> Value? { self[UInt64(number)] }

  /// Whether there is a value under the number.
  @inlinable public func contains(_ number: UInt64) -> Bool { place(of: number) >= 0 }

  /// Looks at a value; nil when there is none. `change` does not even copy it for that.
  @inlinable
  @inline(__always)
  public func read<Result>(_ number: UInt64, _ body: (borrowing Value) -> Result) -> Result? {
    let place = place(of: number)
    guard place >= 0 else { return nil }
    // A slot with a mark has a value.
    // swift-format-ignore: NeverForceUnwrap
    return body(slots[place].value!)
  }

  /// Changes a value in its place; nil when there is none.
  @discardableResult
  @inlinable
  @inline(__always)
  public mutating func change<Result>(_ number: UInt64, _ body: (inout Value) -> Result) -> Result? {
    let place = place(of: number)
    guard place >= 0 else { return nil }
    // A slot with a mark has a value.
    // swift-format-ignore: NeverForceUnwrap
    return body(&slots[place].value!)
  }

  /// Changes a value in its place, after it was put there if there was none.
  @inlinable
  @inline(__always)
  public mutating func change<Result>(
    _ number: UInt64, default value: @autoclosure () -> Value, _ body: (inout Value) -> Result
  ) -> Result {
    var place = place(of: number)
    if place < 0 { place = add(value(), for: number) }
    // A slot with a mark has a value.
    // swift-format-ignore: NeverForceUnwrap
    return body(&slots[place].value!)
  }

  /// Puts a value under the number, in place of one that is there.
  @inlinable
  public mutating func insert(_ value: Value, for number: UInt64) {
    let place = place(of: number)
    if place >= 0 { slots[place].value = value } else { _ = add(value, for: number) }
  }

  /// Takes a value out; nil when there is none.
  @discardableResult
  @inlinable
  public mutating func removeValue(for number: UInt64) -> Value? {
    var hole = place(of: number)
    guard hole >= 0 else { return nil }
    let value = slots[hole].value.take()
    slots[hole].mark = 0
    stored -= 1
    // What was pushed beyond the hole by its neighbours moves up.
    let mask = slots.count - 1
    var next = (hole + 1) & mask
    while slots[next].mark != 0 {
      if (next - home(of: slots[next].mark)) & mask >= (next - hole) & mask {
        slots.swapAt(hole, next)
        hole = next
      }
      next = (next + 1) & mask
    }
    return value
  }

  /// Forgets everything, its memory too.
  @inlinable public mutating func removeAll() { self = NumberTable() }

  /// Each value with its number, in no order that means anything; it is the same for the same history.
  @inlinable
  public var elements: some Sequence<(number: UInt64, value: Value)> {
    slots.lazy.compactMap { slot in slot.value.map { (slot.mark &- 1, $0) } }
  }

  /// The numbers, in the same order.
  @inlinable public var numbers: some Sequence<UInt64> { slots.lazy.filter { $0.mark != 0 }.map { $0.mark &- 1 } }
  /// The values, in the same order.
  @inlinable public var values: some Sequence<Value> { slots.lazy.compactMap(\.value) }

  /// Negative when it is not there.
  @inlinable
  @inline(__always)
  func place(of number: UInt64) -> Int {
    let mark = number &+ 1
    guard stored > 0, mark != 0 else { return -1 }
    let mask = slots.count - 1
    var place = home(of: mark)
    while slots[place].mark != mark {
      if slots[place].mark == 0 { return -1 }
      place = (place + 1) & mask
    }
    return place
  }

  @inlinable
  @inline(__always)
  func home(of mark: UInt64) -> Int {
    // The golden ratio: neighbours end up far from each other.
    Int(truncatingIfNeeded: (mark &* 0x9e37_79b9_7f4a_7c15) &>> shift)
  }

  /// Enters a number that is not there.
  @inlinable
  mutating func add(_ value: Value, for number: UInt64) -> Int {
    if (stored + 1) * 4 > slots.count * 3 { grow() }
    let place = emptyPlace(for: number &+ 1)
    slots[place].mark = number &+ 1
    slots[place].value = value
    stored += 1
    return place
  }

  @inlinable
  func emptyPlace(for mark: UInt64) -> Int {
    var place = home(of: mark)
    while slots[place].mark != 0 { place = (place + 1) & (slots.count - 1) }
    return place
  }

  @inlinable
  mutating func grow() {
    var old = slots
    let size = Swift.max(4, old.count * 2)
    slots = ContiguousArray(repeating: Slot(), count: size)
    shift = UInt64(64 - size.trailingZeroBitCount)
    for index in old.indices where old[index].mark != 0 {
      swap(&slots[emptyPlace(for: old[index].mark)], &old[index])
    }
  }
}

extension NumberTable.Slot: Sendable where Value: Sendable {}
extension NumberTable: Sendable where Value: Sendable {}
