import SharedMemory
import Testing
import Wire

@testable import PheromoneFunctions

/// Arenas that come back while objects lie in them.
@Suite(.timeLimit(.minutes(1))) struct FreeRangeTests {
  private static let functions: [Function] = [
    Function("small") { context in try context.output(String(repeating: "s", count: 100)) },
    Function("quarter") { context in try context.output(String(repeating: "q", count: 16384)) },
    Function("stream") { context in
      try context.put("kept", in: "b", text: "kept")
      _ = try context.create("lost", in: "b", size: 1000)
      throw FunctionError("broken")
    },
  ]

  @Test func objectsGoBehindEachOtherIntoTheRangesThatHoldThem() {
    var arena = Arena(id: 1, size: 4096, free: [70..<300, 512..<576, 1024..<2048, 4000..<4096])
    // The rest of a range is passed over for good, unless writing goes back.
    var places = [172, 1, 1024, 200, 64, 1].map { arena.take($0) }
    #expect(places == [128, 512, 1024, nil, 4032, nil])
    arena.goBack(to: 513)
    places = [arena.take(1)]
    arena.goBack(to: 0)
    places.append(arena.take(64))
    #expect(places == [1024, 128])
  }

  /// Answers the request that comes next with an arena to fill up.
  private static func recycle(_ sidecar: SidecarDouble, _ id: UInt32, _ free: [Range<UInt64>]) throws {
    guard case .needSegment(_, let invocation) = try sidecar.receive() else { throw WireError("no request for memory") }
    try sidecar.send(.recycle(segment: id, invocation: invocation, free: free))
  }

  /// Has the worker's first arena full.
  private static func fill(_ sidecar: SidecarDouble) throws {
    try sidecar.invoke(1, "quarter")
    try sidecar.grant(7, size: 65536)
    for number in UInt64(2)...4 {
      _ = try sidecar.committed()
      try sidecar.invoke(number, "quarter")
    }
    #expect(try sidecar.committed().outputs[0].location.offset == 49152)
  }

  @Test func aRecycledArenaIsWrittenWhereItIsFreeOnly() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try Self.fill(sidecar)
      try sidecar.invoke(5, "small")
      try Self.recycle(sidecar, 7, [64..<192, 1024..<1100, 30_000..<30_200, 60_000..<65536])
      #expect(try sidecar.committed().outputs[0].location == ObjectLocation(segment: 7, offset: 64, length: 100))
      try sidecar.invoke(6, "small")
      #expect(try sidecar.committed().outputs[0].location.offset == 30_016)
      try sidecar.invoke(7, "small")
      #expect(try sidecar.committed().outputs[0].location.offset == 60_032)
      try sidecar.invoke(8, "quarter")
      try Self.recycle(sidecar, 7, [0..<16384])
      #expect(try sidecar.committed().outputs[0].location.offset == 0)
    }
  }

  @Test func aFailedAttemptsRangesAreWrittenAgainBehindWhatItHasPublished() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try Self.fill(sidecar)
      try sidecar.invoke(5, "stream")
      try Self.recycle(sidecar, 7, [64..<128, 640..<1664, 2048..<4096])
      _ = try sidecar.finished()
      // From the first range again, since nobody has heard of what was written.
      try sidecar.invoke(6, "stream", publishesImmediately: true)
      #expect(try sidecar.published().put.location.offset == 64)
      _ = try sidecar.finished()
      try sidecar.invoke(7, "stream", publishesImmediately: true)
      #expect(try sidecar.published().put.location.offset == 640)
      _ = try sidecar.finished()
      try sidecar.invoke(8, "small")
      #expect(try sidecar.committed().outputs[0].location.offset == 704)
    }
  }

  @Test func anArenaThatComesTooLateIsFilledLater() async throws {
    try await SidecarDouble.drive(Self.functions) { sidecar in
      try Self.fill(sidecar)
      try sidecar.invoke(5, "small")
      guard case .needSegment = try sidecar.receive() else { throw WireError("no request for memory") }
      try sidecar.send(.cancel(invocation: 5))
      _ = try sidecar.finished()
      try sidecar.send(.recycle(segment: 7, invocation: 5, free: [64..<256]))
      // What is said later of the same arena counts.
      try sidecar.send(.recycle(segment: 7, invocation: 5, free: [256..<512]))
      // Behind them on the socket.
      try sidecar.invoke(6, "small", [try sidecar.attach(50, "x")])
      #expect(try sidecar.committed().outputs[0].location.offset == 256)
    }
  }

  @Test(
    arguments: [[0..<65537], [128..<256, 64..<128], [64..<128, 100..<256], [.max - 1..<(.max)]] as [[Range<UInt64>]])
  func rangesThatCannotBeEndTheConnection(free: [Range<UInt64>]) async throws {
    let ending = try await SidecarDouble.drive(Self.functions) { sidecar in
      try Self.fill(sidecar)
      try sidecar.invoke(5, "small")
      try Self.recycle(sidecar, 7, free)
      #expect(try sidecar.receive() == nil)
    }
    guard case .disconnected = ending else {
      Issue.record("\(ending)")
      return
    }
  }
}
