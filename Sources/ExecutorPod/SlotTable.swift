/// Values under keys that the table hands out itself, so that a look-up is an index and no hash, and a value is used where
/// it lies. A key is given out once: it has the value's place, and how often that was used before.
package struct SlotTable<Value> {
  /// Never zero.
  package struct Key: Sendable, Hashable, Comparable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static func < (one: Key, other: Key) -> Bool { one.rawValue < other.rawValue }
  }

  fileprivate struct Slot {
    /// Odd while there is a value.
    var changes: UInt32 = 0
    var value: Value?
  }

  /// The first one is always empty: it is what keys of removed values lead to.
  private var slots: ContiguousArray<Slot> = [Slot()]
  private var free: ContiguousArray<UInt32> = []

  package init() {}

  package var count: Int { slots.count - 1 - free.count }
  package var isEmpty: Bool { count == 0 }

  package mutating func insert(_ value: consuming Value) -> Key {
    if free.isEmpty {
      free.append(UInt32(slots.count))
      slots.append(Slot())
    }
    let place = Int(free.removeLast())
    slots[place].changes &+= 1
    slots[place].value = consume value
    return Key(rawValue: UInt64(slots[place].changes) << 32 | UInt64(place))
  }

  @discardableResult
  package mutating func remove(_ key: Key) -> Value? {
    let place = place(of: key)
    guard place > 0 else { return nil }
    free.append(UInt32(place))
    slots[place].changes &+= 1
    return slots[place].value.take()
  }

  package func contains(_ key: Key) -> Bool { place(of: key) > 0 }

  /// The value, not copied; nil once it was removed.
  package subscript(key: Key) -> Value? {
    @inline(__always) _read { yield slots[place(of: key)].value }
  }

  /// Changes a value in its place; nil when there is none. No accessor that writes, since it would take memory each time.
  @discardableResult
  @inline(__always)
  package mutating func change<Result>(_ key: Key, _ body: (inout Value) -> Result) -> Result? {
    let place = place(of: key)
    guard place > 0 else { return nil }
    // A key that leads anywhere leads to a value, which is changed where it lies.
    // swift-format-ignore: NeverForceUnwrap
    return body(&slots[place].value!)
  }

  /// All values with their keys, by their places.
  package var elements: some Sequence<(key: Key, value: Value)> {
    slots.indices.lazy.compactMap { place in
      slots[place].value.map { (Key(rawValue: UInt64(slots[place].changes) << 32 | UInt64(place)), $0) }
    }
  }

  /// All values, by their places.
  package var values: some Sequence<Value> { slots.lazy.compactMap(\.value) }

  @inline(__always)
  private func place(of key: Key) -> Int {
    let place = Int(key.rawValue & 0xffff_ffff)
    return place < slots.count && slots[place].changes == UInt32(key.rawValue >> 32) ? place : 0
  }
}

extension SlotTable.Slot: Sendable where Value: Sendable {}
extension SlotTable: Sendable where Value: Sendable {}
