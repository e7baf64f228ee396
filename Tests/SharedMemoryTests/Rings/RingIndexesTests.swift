import Testing

@testable import SharedMemory

@Suite struct RingIndexesTests {
  /// A writer and a reader whose every order of steps is tried from every state that can be reached.
  private struct Model: Hashable {
    var writer: RingWriteIndexes
    var reader: RingReadIndexes
    /// The lengths of the frames in the ring, oldest first, and the index that each begins at.
    var frames: [Frame] = []
    struct Frame: Hashable {
      var index: UInt64
      var length: Int
    }

    /// The same with all indexes moved back by whole rings, so that there are finitely many.
    var key: [UInt64] {
      let base = reader.freed
      let words = [writer.staged, writer.published, writer.freed, reader.consumed, reader.published]
      return words.map { $0 &- base } + [base & (writer.geometry.capacity - 1)]
        + frames.flatMap { [$0.index &- base, UInt64($0.length)] }
    }
  }

  @Test(arguments: [16, 32, 64] as [UInt64], [0, 0 &- 24] as [UInt64])
  func everyOrderOfStepsKeepsFramesApart(capacity: UInt64, start: UInt64) throws {
    let geometry = RingGeometry(capacity: capacity)
    var open = [
      Model(
        writer: RingWriteIndexes(geometry: geometry, start: start),
        reader: RingReadIndexes(geometry: geometry, start: start))
    ]
    var seen: Set<[UInt64]> = [open[0].key]
    while let model = open.popLast() {
      for next in try successors(model) where seen.insert(next.key).inserted { open.append(next) }
    }
    #expect(seen.count > 10)
  }

  private func successors(_ model: Model) throws -> [Model] {
    let geometry = model.writer.geometry
    var result: [Model] = []
    // One length for each stride there is.
    for length in stride(from: geometry.largestFrame, through: 0, by: -8) {
      var next = model
      if let index = next.writer.stage(length: length) {
        next.frames.append(.init(index: index, length: length))
        let used = next.frames.reduce(0) { $0 + geometry.stride($1.length) }
        try #require(used <= capacity(next), "a frame overwrites one that was not read")
        try #require(index == (model.frames.last.map { $0.index &+ geometry.stride($0.length) } ?? index))
        result.append(next)
      } else if model.frames.isEmpty, model.writer.freed == model.reader.freed {
        Issue.record("no room for \(length) bytes in a ring that was read to the end")
      }
    }
    var next = model
    if next.writer.publish() != nil { result.append(next) }
    next = model
    try next.writer.peerFreed(model.reader.freed)
    result.append(next)
    next = model
    try next.reader.peerPublished(model.writer.published)
    result.append(next)
    next = model
    if !next.reader.isEmpty {
      let frame = next.frames.removeFirst()
      try #require(next.reader.consumed == frame.index)
      try #require(next.reader.length(UInt32(frame.length)) == frame.length)
      next.reader.consume(length: frame.length)
      _ = next.reader.free()
      result.append(next)
    }
    return result
  }

  private func capacity(_ model: Model) -> UInt64 {
    // What was read and not yet given back takes room as well.
    model.writer.geometry.capacity - (model.reader.consumed &- model.reader.freed)
  }

  @Test(arguments: [0, 0 &- 16] as [UInt64])
  func everyIndexOfAWriterIsJudged(start: UInt64) throws {
    let geometry = RingGeometry(capacity: 32)
    var reader = RingReadIndexes(geometry: geometry, start: start)
    try reader.peerPublished(start &+ 16)
    for difference in -64...64 {
      var copy = reader
      let index = start &+ UInt64(bitPattern: Int64(difference))
      let isRight = difference % 8 == 0 && (16...32).contains(difference)
      #expect(((try? copy.peerPublished(index)) != nil) == (isRight), "\(difference)")
      #expect(isRight || copy == reader)
    }
  }

  @Test(arguments: [0, 0 &- 16] as [UInt64])
  func everyIndexOfAReaderIsJudged(start: UInt64) throws {
    var writer = RingWriteIndexes(geometry: RingGeometry(capacity: 32), start: start)
    for _ in 0..<3 { _ = writer.stage(length: 4) }
    _ = writer.publish()
    _ = writer.stage(length: 4)
    try writer.peerFreed(start &+ 8)
    for difference in -64...64 {
      var copy = writer
      let isRight = difference % 8 == 0 && (8...24).contains(difference)
      #expect(
        ((try? copy.peerFreed(start &+ UInt64(bitPattern: Int64(difference)))) != nil) == (isRight), "\(difference)")
    }
  }

  @Test func everyLengthIsJudged() throws {
    var reader = RingReadIndexes(geometry: RingGeometry(capacity: 64))
    try reader.peerPublished(24)
    for length in 0...100 as ClosedRange<UInt32> {
      #expect(((try? reader.length(length)) != nil) == ((length <= 20)), "\(length)")
    }
    try reader.peerPublished(64)
    #expect(try reader.length(28) == 28)
    #expect(throws: RingFault.length(29, published: 64)) { try reader.length(29) }
    #expect(throws: RingFault.self) { try reader.length(.max) }
  }

  @Test(arguments: [(0, 8), (4, 8), (5, 16), (12, 16), (13, 24), (64, 72)] as [(Int, UInt64)])
  func framesTakeMultiplesOfEight(length: Int, stride: UInt64) {
    #expect(RingGeometry(capacity: 4096).stride(length) == stride)
  }
}
