import Dataflow
import Testing
import Wire

@testable import ObjectStore

@Suite struct ObjectLedgerTests {
  private let mebibyte = 1 << 20

  private func object(_ segment: UInt32, _ offset: UInt64, _ length: UInt64) -> NewObject {
    NewObject(
      location: ObjectLocation(segment: segment, offset: offset, length: length), bucket: "words")
  }

  /// A ledger with one arena that executor 1 has mapped.
  private func ledgerWithArena() throws -> (ObjectLedger, UInt32) {
    var ledger = ObjectLedger(limit: 64 * mebibyte)
    ledger.attemptBegan(on: 1)
    guard case .grant(let segment, _) = ledger.needSegment(executor: 1, bytes: 10).decision else {
      throw LedgerError("no grant")
    }
    try ledger.mapped(segment: segment, by: 1)
    return (ledger, segment)
  }

  @Test(arguments: [(256 << 20, 3, 4 << 20), (16 << 20, 3, 1 << 20), (1 << 20, 3, 64 << 10), (256 << 20, 63, 1 << 20)])
  func arenasSuitTheMemory(limit: Int, executors: Int, expected: Int) {
    #expect(ObjectLedger(limit: limit, executors: executors).arenaSize == expected)
  }

  @Test func smallObjectsShareAndLargeOnesDoNot() throws {
    var ledger = ObjectLedger(limit: 64 * mebibyte)
    let small = ledger.needSegment(executor: 1, bytes: 100)
    #expect(small.decision == .grant(segment: 1, size: 4 * mebibyte))
    #expect(small.actions == [.create(segment: 1, size: 4 * mebibyte)])
    let large = ledger.needSegment(executor: 1, bytes: 2 * mebibyte + 1)
    #expect(large.decision == .grant(segment: 2, size: 2 * mebibyte + 4096))
    #expect(ledger.needSegment(executor: 1, bytes: 65 * mebibyte).decision == .neverFits(limit: 64 * mebibyte))
    #expect(ledger.needSegment(executor: 1, bytes: .max).decision == .neverFits(limit: 64 * mebibyte))
    #expect(ledger.needSegment(executor: 1, bytes: 60 * mebibyte).decision == .wait)
  }

  @Test func whatIsReportedIsChecked() throws {
    let (ledger, segment) = try ledgerWithArena()
    func rejected(_ list: [NewObject], by executor: UInt32 = 1) -> Bool {
      var copy = ledger
      do {
        _ = try copy.commit(list, by: executor)
        return false
      } catch {
        return copy.objectCount == 0
      }
    }
    #expect(!rejected([object(segment, 0, 10), object(segment, 10, 5), object(0, 0, 0)]))
    #expect(rejected([object(9, 0, 10)]))
    #expect(rejected([object(segment, 0, 10)], by: 2))
    #expect(rejected([object(segment, 0, UInt64(5 * mebibyte))]))
    #expect(rejected([object(segment, .max, 2)]))
    #expect(rejected([object(segment, 0, 10), object(segment, 9, 5)]))
    #expect(rejected([object(segment, 9, 5), object(segment, 0, 10)]))
    #expect(rejected([object(segment, 5, 0)]))
  }

  @Test func aSegmentThatIsNotMappedHoldsNothing() throws {
    var ledger = ObjectLedger(limit: 64 * mebibyte)
    _ = ledger.needSegment(executor: 1, bytes: 10)
    #expect(throws: LedgerError.self) { try ledger.commit([object(1, 0, 1)], by: 1) }
    #expect(throws: LedgerError.self) { try ledger.mapped(segment: 1, by: 2) }
    try ledger.mapped(segment: 1, by: 1)
    #expect(throws: LedgerError.self) { try ledger.mapped(segment: 1, by: 1) }
  }

  @Test func attachIsSentOnceAndDetachBeforeDestroy() throws {
    var (ledger, segment) = try ledgerWithArena()
    let ids = try ledger.commit([object(segment, 0, 10), object(segment, 64, 10)], by: 1)
    #expect(ledger.attach(ids, to: 2) == [.attach(executor: 2, segment: segment, size: 4 * mebibyte)])
    #expect(ledger.attach(ids, to: 2).isEmpty)
    #expect(ledger.attach(ids, to: 1).isEmpty)
    #expect(ledger.executorGone(1).isEmpty)
    #expect(ledger.release(ids[0]).isEmpty)
    #expect(ledger.release(ids[1]) == [.detach(executor: 2, segment: segment), .destroy(segment: segment)])
    #expect(ledger.used == 0)
  }

  @Test func anArenaIsRecycledOnlyWhenTheAttemptThatFilledItIsOver() throws {
    var (ledger, first) = try ledgerWithArena()
    // The running attempt may hold loans in the first arena, so that it gets another.
    guard case .grant(let second, _) = ledger.needSegment(executor: 1, bytes: 10).decision else {
      Issue.record("no second arena")
      return
    }
    try ledger.mapped(segment: second, by: 1)
    let ids = try ledger.commit([object(first, 0, 10), object(second, 0, 10)], by: 1)
    #expect(ledger.attemptEnded(on: 1).isEmpty)
    #expect(ledger.release(ids[0]).isEmpty)
    ledger.attemptBegan(on: 1)
    #expect(ledger.needSegment(executor: 1, bytes: 10).decision == .recycle(segment: first))
    #expect(throws: Never.self) { try ledger.commit([object(first, 0, 10)], by: 1) }
  }

  @Test func pressureTakesBackWhatIdleExecutorsHoldEmpty() throws {
    var (ledger, segment) = try ledgerWithArena()
    #expect(ledger.needSegment(executor: 2, bytes: 62 * mebibyte).decision == .wait)
    _ = ledger.attemptEnded(on: 1)
    let answer = ledger.needSegment(executor: 2, bytes: 62 * mebibyte)
    #expect(
      answer.actions == [
        .detach(executor: 1, segment: segment), .destroy(segment: segment), .create(segment: 2, size: 62 * mebibyte),
      ])
  }

  /// Runs an attempt that puts one large object and is let go of.
  private func putAndRelease(_ bytes: Int, _ ledger: inout ObjectLedger) throws -> (SegmentDecision, [StoreAction]) {
    ledger.attemptBegan(on: 1)
    let (decision, actions) = ledger.needSegment(executor: 1, bytes: bytes)
    let segment: UInt32
    switch decision {
    case .grant(let id, _):
      try ledger.mapped(segment: id, by: 1)
      segment = id
    case .recycle(let id, _): segment = id
    case .wait, .neverFits: return (decision, actions)
    }
    let handle = try ledger.commit([object(segment, 0, UInt64(bytes))], by: 1)[0]
    _ = ledger.attemptEnded(on: 1)
    return (decision, actions + ledger.release(handle))
  }

  @Test func aLargeObjectGoesToTheWarmSegmentOfTheOneBefore() throws {
    var ledger = ObjectLedger(limit: 64 * mebibyte)
    #expect(try putAndRelease(8 * mebibyte, &ledger).0 == .grant(segment: 1, size: 8 * mebibyte))
    #expect(ledger.segmentCount == 1 && ledger.acceptsSessions)
    // As large, or at least half as large.
    for bytes in [8 * mebibyte, 5 * mebibyte, 4 * mebibyte] {
      let again = try putAndRelease(bytes, &ledger)
      #expect(again.0 == .recycle(segment: 1) && again.1.isEmpty)
    }
    // A smaller one would waste it, a larger one does not fit; one segment stays warm.
    #expect(try putAndRelease(3 * mebibyte, &ledger).0 == .grant(segment: 2, size: 3 * mebibyte))
    #expect(ledger.segmentCount == 1)
  }

  @Test func twoLargeObjectsOfOneAttemptHaveASegmentEach() throws {
    var ledger = ObjectLedger(limit: 64 * mebibyte)
    _ = try putAndRelease(8 * mebibyte, &ledger)
    ledger.attemptBegan(on: 1)
    #expect(ledger.needSegment(executor: 1, bytes: 8 * mebibyte).decision == .recycle(segment: 1))
    #expect(ledger.needSegment(executor: 1, bytes: 8 * mebibyte).decision == .grant(segment: 2, size: 8 * mebibyte))
    // Another executor never gets what this one maps for writing.
    #expect(ledger.needSegment(executor: 2, bytes: 8 * mebibyte).decision == .grant(segment: 3, size: 8 * mebibyte))
  }

  @Test func warmSegmentsGoWhenMemoryIsShort() throws {
    var ledger = ObjectLedger(limit: 64 * mebibyte)
    _ = try putAndRelease(40 * mebibyte, &ledger)
    #expect(ledger.used == 40 * mebibyte && ledger.acceptsSessions)
    let answer = ledger.needSegment(executor: 2, bytes: 40 * mebibyte)
    #expect(
      answer.actions == [
        .detach(executor: 1, segment: 1), .destroy(segment: 1), .create(segment: 2, size: 40 * mebibyte),
      ])
    #expect(ledger.executorGone(2) == [.destroy(segment: 2)] && ledger.used == 0)
  }

  @Test func intakeStopsAtThreeQuarters() throws {
    var ledger = ObjectLedger(limit: 64 * mebibyte)
    guard case .reserved(let object, _, _) = ledger.reserve(bytes: 47 * mebibyte, bucket: "").reservation
    else {
      Issue.record("no room")
      return
    }
    #expect(ledger.acceptsSessions)
    guard case .reserved(let second, _, _) = ledger.reserve(bytes: 2 * mebibyte, bucket: "").reservation
    else {
      Issue.record("no room")
      return
    }
    #expect(!ledger.acceptsSessions)
    #expect(ledger.release(second) == [.destroy(segment: 2)])
    #expect(ledger.acceptsSessions)
    #expect(ledger.release(object) == [.destroy(segment: 1)])
  }

  @Test(arguments: 1...20) func anythingMayHappenInAnyOrder(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    var ledger = ObjectLedger(limit: 4 * mebibyte)
    var alive: [UInt32: Int] = [:]
    var cursors: [UInt32: (segment: UInt32, offset: Int)] = [:]
    var references: [UInt64: Int] = [:]
    var attached: Set<[UInt32]> = []

    func apply(_ actions: [StoreAction]) {
      for action in actions {
        switch action {
        case .create(let segment, let size):
          #expect(alive[segment] == nil)
          alive[segment] = size
        case .attach(let executor, let segment, _):
          #expect(alive[segment] != nil && attached.insert([executor, segment]).inserted)
        case .detach(let executor, let segment):
          attached.remove([executor, segment])
          if cursors[executor]?.segment == segment { cursors[executor] = nil }
        case .destroy(let segment):
          #expect(alive.removeValue(forKey: segment) != nil)
          #expect(!attached.contains { $0[1] == segment })
        }
      }
    }

    for _ in 0..<600 {
      let executor = UInt32.random(in: 1...4, using: &random)
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<4:
        ledger.attemptBegan(on: executor)
        let bytes = Int.random(in: 1...120_000, using: &random)
        var list: [NewObject] = []
        if let (segment, offset) = cursors[executor], let size = alive[segment], offset + bytes <= size,
          bytes <= size / 4
        {
          list = [object(segment, UInt64(offset), UInt64(bytes))]
          cursors[executor] = (segment, offset + bytes)
        } else {
          let (decision, actions) = ledger.needSegment(executor: executor, bytes: bytes)
          apply(actions)
          var granted: UInt32?
          if case .grant(let segment, _) = decision {
            try ledger.mapped(segment: segment, by: executor)
            granted = segment
          }
          if case .recycle(let segment, _) = decision { granted = segment }
          if let granted {
            list = [object(granted, 0, UInt64(bytes))]
            if bytes <= ledger.arenaSize / 4 { cursors[executor] = (granted, bytes) }
          } else {
            cursors[executor] = nil
          }
        }
        // A failed attempt reports nothing, and a streaming one does not wait for its end.
        if let first = list.first, Bool.random(using: &random), first.location.length > 200 {
          let (start, length) = (first.location.offset, first.location.length)
          let parts = [(128, length - 128), (0, 50), (64, 1)].map { object(first.location.segment, start + $0, $1) }
          for part in parts { for id in try ledger.commit([part], by: executor) { references[id] = 1 } }
          for part in parts { #expect(throws: LedgerError.self) { try ledger.commit([part], by: executor) } }
        } else if Bool.random(using: &random) {
          for id in try ledger.commit(list, by: executor) { references[id] = 1 }
        }
        apply(ledger.attemptEnded(on: executor))
      case 4:
        let (reservation, actions) = ledger.reserve(
          bytes: Int.random(in: 0...50_000, using: &random), bucket: "")
        apply(actions)
        if case .reserved(let id, _, _) = reservation { references[id] = 1 }
      case 5:
        if let id = references.keys.sorted().randomElement(using: &random) {
          ledger.retain(id)
          references[id, default: 0] += 1
          apply(ledger.attach([id], to: executor))
        }
      case 6..<9:
        if let id = references.keys.sorted().randomElement(using: &random) {
          references[id, default: 0] -= 1
          if references[id] == 0 { references[id] = nil }
          apply(ledger.release(id))
        }
      default:
        // A gone executor's mappings are gone with it.
        cursors[executor] = nil
        attached = attached.filter { $0[0] != executor }
        apply(ledger.executorGone(executor))
      }
      #expect(ledger.used == alive.values.reduce(0, +))
      #expect(ledger.reclaimable == ledger.segments.values.reduce(0) { $0 + (ledger.isReclaimable($1) ? $1.size : 0) })
      for segment in ledger.segments.values {
        guard case .executor(let owner) = segment.owner else {
          #expect((segment.phase == .current) == (ledger.sidecarArena == segment.id))
          continue
        }
        let isWritable = [.granted, .current, .left].contains(segment.phase)
        #expect(ledger.writers[owner]?.segments.contains(segment.id) ?? false == isWritable)
      }
      #expect(ledger.used <= ledger.limit)
      for (id, count) in references {
        let stored = try #require(ledger.object(id))
        #expect(stored.references == count)
        #expect(stored.location.length == 0 || alive[stored.location.segment] != nil)
      }
      #expect(ledger.objectCount == references.count)
    }
    for (id, count) in references { for _ in 0..<count { apply(ledger.release(id)) } }
    attached = []
    for executor in UInt32(1)...4 { apply(ledger.executorGone(executor)) }
    #expect(ledger.objectCount == 0 && ledger.bytesByBucket.isEmpty)
    // At most the sidecar's present arena is left.
    #expect(ledger.used <= ledger.arenaSize)
  }
}
