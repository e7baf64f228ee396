import Wire

/// The segments of the simulated pod. They hold real contents, coarsely: each cell of 64 bytes has the mark of the object
/// that was written there last.
struct SimulatedMemory {
  static let cellSize = 64

  struct Segment {
    var size: Int
    var isSealed: Bool
    var cells: [UInt64]
  }

  private(set) var segments: [UInt32: Segment] = [:]
  private(set) var used = 0

  /// False when there is such a segment already.
  mutating func create(_ id: UInt32, size: Int, isSealed: Bool) -> Bool {
    guard segments[id] == nil else { return false }
    segments[id] = Segment(
      size: size, isSealed: isSealed, cells: [UInt64](repeating: 0, count: (size + Self.cellSize - 1) / Self.cellSize))
    used += size
    return true
  }

  mutating func seal(_ id: UInt32) -> Bool {
    guard segments[id] != nil else { return false }
    segments[id]?.isSealed = true
    return true
  }

  mutating func destroy(_ id: UInt32) -> Bool {
    guard let segment = segments.removeValue(forKey: id) else { return false }
    used -= segment.size
    return true
  }

  /// Writing into a segment that is gone is what a process that has it mapped can do; nobody else will see it.
  mutating func write(_ mark: UInt64, at location: ObjectLocation) {
    guard location.length > 0, let cells = cells(of: location) else { return }
    segments[location.segment]?.cells.replaceSubrange(cells, with: repeatElement(mark, count: cells.count))
  }

  /// Why the object cannot be read there, or nil when all of it is as it was written. `isThorough` looks at every cell.
  func objection(to location: ObjectLocation, mark: UInt64, isThorough: Bool) -> String? {
    guard location.length > 0 else { return nil }
    guard let segment = segments[location.segment] else { return "segment \(location.segment) was destroyed" }
    guard let cells = cells(of: location), let last = cells.last else { return "it lies outside its segment" }
    let isWhole =
      isThorough
      ? segment.cells[cells].allSatisfy { $0 == mark }
      : segment.cells[cells.lowerBound] == mark && segment.cells[last] == mark
    return isWhole ? nil : "segment \(location.segment) holds other bytes there"
  }

  private func cells(of location: ObjectLocation) -> Range<Int>? {
    guard let segment = segments[location.segment], let offset = Int(exactly: location.offset),
      let length = Int(exactly: location.length), length <= segment.size, offset <= segment.size - length
    else { return nil }
    return offset / Self.cellSize..<(offset + length + Self.cellSize - 1) / Self.cellSize
  }
}
