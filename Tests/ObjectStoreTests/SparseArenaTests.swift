import Dataflow
import Testing
import Wire

@testable import ObjectStore

/// Arenas most of whose objects are gone are written again between those that are there yet.
@Suite struct SparseArenaTests {
  private static let limit = 4 << 20

  private func object(_ location: ObjectLocation) -> NewObject { NewObject(location: location, bucket: "words") }

  private func object(_ segment: UInt32, _ offset: UInt64, _ length: UInt64) -> NewObject {
    object(ObjectLocation(segment: segment, offset: offset, length: length))
  }

  /// One executor whose first arena has an object every 16 cache lines, and that has filled others until memory is scarce.
  private func scattered(size: Int = 64) throws -> (ledger: ObjectLedger, held: [UInt64]) {
    var ledger = ObjectLedger(limit: Self.limit)
    var writer = ModelWriter(1)
    var held: [UInt64] = []
    repeat {
      writer.begin(&ledger)
      guard case .grant(let segment, _) = try writer.ask(64, &ledger).decision else { throw LedgerError("no grant") }
      let objects = stride(from: 0, to: ledger.arenaSize, by: 1024).map { object(segment, UInt64($0), UInt64(size)) }
      held += try ledger.commit(objects, by: 1)
      #expect(ledger.attemptEnded(on: 1).isEmpty)
    } while !ledger.isMemoryScarce
    ledger.attemptBegan(on: 1)
    return (ledger, held)
  }

  @Test func whatIsFreeInTheEmptiestArenaIsNamed() throws {
    var (ledger, held) = try scattered()
    // The third arena has one object less than the others.
    _ = ledger.release(held[2 * ledger.arenaSize / 1024 + 1])
    let free = stride(from: 0, to: ledger.arenaSize, by: 1024).map { $0 + 64..<$0 + 1024 }
    let expected = [64..<2048] + free[2...]
    #expect(
      ledger.needSegment(executor: 1, bytes: 960, fillsGaps: true).decision == .recycle(segment: 3, free: expected))
  }

  @Test func onlyRangesThatDoForTheObjectAreNamed() throws {
    var (ledger, held) = try scattered()
    for index in [5, 6] { _ = ledger.release(held[index]) }
    #expect(
      ledger.needSegment(executor: 1, bytes: 961, fillsGaps: true).decision
        == .recycle(segment: 1, free: [4 * 1024 + 64..<7 * 1024]))
  }

  @Test func nobodyElseGetsTheArena() throws {
    let (ledger, _) = try scattered()
    var (other, old) = (ledger, ledger)
    other.attemptBegan(on: 2)
    guard case .grant = other.needSegment(executor: 2, bytes: 64, fillsGaps: true).decision,
      case .grant = old.needSegment(executor: 1, bytes: 64).decision
    else {
      Issue.record("another executor, or one that keeps to no ranges, gets an arena that holds objects")
      return
    }
  }

  @Test func whileMemoryIsPlentyArenasAreNotPatched() throws {
    var ledger = ObjectLedger(limit: Self.limit)
    var writer = ModelWriter(1)
    for expected: UInt32 in 1...2 {
      writer.begin(&ledger)
      let decision = try writer.ask(64, &ledger).decision
      #expect(decision == .grant(segment: expected, size: ledger.arenaSize))
      _ = try ledger.commit([object(expected, 0, 64)], by: 1)
      _ = ledger.attemptEnded(on: 1)
    }
  }

  @Test func whoWritesOutsideTheRangesIsNotBelieved() throws {
    var (ledger, held) = try scattered()
    let last = UInt64(ledger.arenaSize) - 1024
    guard case .recycle(let segment, let free) = ledger.needSegment(executor: 1, bytes: 64, fillsGaps: true).decision,
      !free.isEmpty
    else {
      Issue.record("no arena to fill up")
      return
    }
    func refuses(_ list: [NewObject]) -> Bool {
      var copy = ledger
      do {
        _ = try copy.commit(list, by: 1)
        return false
      } catch {
        return true
      }
    }
    #expect(refuses([object(segment, 0, 64)]))
    #expect(refuses([object(segment, 63, 2)]))
    #expect(refuses([object(segment, 64, 961)]))
    #expect(refuses([object(segment, 1000, 200)]))
    #expect(refuses([object(segment, last, 1)]))
    #expect(refuses([object(segment, 128, 64), object(segment, 1024, 64)]))
    // Only now is it gone, and not among the free ranges.
    _ = ledger.release(held[1])
    #expect(refuses([object(segment, 1024, 64)]))
    #expect(!refuses([object(segment, last + 64, 960), object(segment, 64, 960)]))
    // One behind the other, and what was passed over as long as the attempt runs.
    _ = try ledger.commit([object(segment, 3 * 1024 + 128, 64)], by: 1)
    #expect(!refuses([object(segment, 3 * 1024 + 64, 64)]))
    #expect(!refuses([object(segment, 64, 64)]))
    #expect(refuses([object(segment, 3 * 1024, 64)]))
    _ = ledger.attemptEnded(on: 1)
    ledger.attemptBegan(on: 1)
    #expect(refuses([object(segment, 64, 64)]))
    #expect(!refuses([object(segment, 3 * 1024 + 192, 64)]))
    #expect(refuses([object(segment, 4 * 1024, 64)]))
  }

  @Test func anArenaWithoutRoomForTheObjectIsLookedAtAgainOnceSomethingIsGone() throws {
    var (ledger, held) = try scattered()
    guard case .grant(let segment, _) = ledger.needSegment(executor: 1, bytes: 1000, fillsGaps: true).decision else {
      Issue.record("there is no gap of 1000 bytes")
      return
    }
    // All but the one that the running attempt has left, and the new one.
    #expect(ledger.segments.values.filter { $0.largestFree == 960 }.count == ledger.segmentCount - 2)
    try ledger.mapped(segment: segment, by: 1)
    _ = ledger.release(held[1])
    #expect(
      ledger.needSegment(executor: 1, bytes: 1000, fillsGaps: true).decision
        == .recycle(segment: 1, free: [64..<2048]))
  }

  @Test func aLongListOfRangesIsNamedInParts() throws {
    var ledger = ObjectLedger(limit: 64 << 20)
    while !ledger.isMemoryScarce {
      ledger.attemptBegan(on: 1)
      guard case .grant(let segment, _) = ledger.needSegment(executor: 1, bytes: 64).decision else {
        throw LedgerError("no grant")
      }
      try ledger.mapped(segment: segment, by: 1)
      let places = stride(from: 0, to: ledger.arenaSize, by: 2048)
      _ = try ledger.commit(places.map { object(segment, UInt64($0), 64) }, by: 1)
      _ = ledger.attemptEnded(on: 1)
    }
    ledger.attemptBegan(on: 1)
    guard case .recycle(let segment, let free) = ledger.needSegment(executor: 1, bytes: 64, fillsGaps: true).decision
    else { throw LedgerError("no arena to fill up") }
    #expect(free.count == ObjectLedger.freeRangeLimit)
    #expect(throws: LedgerError.self) {
      try ledger.commit([object(segment, UInt64(free.count) * 2048 + 64, 64)], by: 1)
    }
  }

  /// Puts objects of which one of 16 stays, until these take two fifths of the memory or there is no room. Answers how many
  /// bytes they have, and how often more was in use than should be.
  private func scatter(_ size: Int, fillsGaps: Bool) throws -> (live: Int, excesses: Int) {
    var ledger = ObjectLedger(limit: Self.limit)
    var writer = ModelWriter(1, fillsGaps: fillsGaps)
    var (live, excesses) = (0, 0)
    while live < Self.limit * 2 / 5 {
      writer.begin(&ledger)
      for index in 0..<16 {
        var place = writer.take(size)
        if place == nil {
          _ = try writer.ask(size, &ledger)
          place = writer.take(size)
        }
        guard let place else { return (live, excesses) }
        let id = try ledger.commit(object(place), by: 1)
        if index > 0 { _ = ledger.release(id) } else { live += size }
      }
      _ = ledger.attemptEnded(on: 1)
      // The arena that it writes into, and one that the attempt has left.
      if ledger.used > max(Self.limit / 2, 2 * live + 2 * ledger.arenaSize) { excesses += 1 }
      let empty = ledger.segments.values.reduce(0) { $0 + ($1.liveObjects == 0 ? $1.size : 0) }
      if ledger.fragmentedBytes != ledger.used - empty - live { excesses += 1 }
    }
    return (live, excesses)
  }

  @Test(arguments: [64, 512, 4096]) func scatteredObjectsTakeAboutTwiceTheirSize(size: Int) throws {
    let (live, excesses) = try scatter(size, fillsGaps: true)
    #expect(live >= Self.limit * 2 / 5 && excesses == 0)
    // By an executor that only ever begins anew, each keeps the place of 16.
    #expect(try scatter(size, fillsGaps: false).live <= Self.limit / 15)
  }

  /// What a model knows of the objects that are there.
  private struct Held {
    var references: [UInt64: ObjectLocation] = [:]
    var taken: [UInt32: [Int: Int]] = [:]

    /// Whether no byte of it was another object's.
    mutating func add(_ id: UInt64, _ location: ObjectLocation) -> Bool {
      let (start, end) = (Int(location.offset), Int(location.offset + location.length))
      let isFree = ranges(location.segment).allSatisfy { $0.upperBound <= start || end <= $0.lowerBound }
      references[id] = location
      taken[location.segment, default: [:]][start] = end
      return isFree
    }

    mutating func remove(_ id: UInt64) {
      guard let location = references.removeValue(forKey: id) else { return }
      taken[location.segment]?[Int(location.offset)] = nil
    }

    func ranges(_ segment: UInt32) -> [Range<Int>] {
      (taken[segment] ?? [:]).sorted { $0.key < $1.key }.map { $0.key..<$0.value }
    }

    /// How many bytes its objects take in whole cache lines, and the largest range that is free.
    func figures(_ segment: UInt32, size: Int) -> (live: Int, largestFree: Int) {
      var (live, end, largest) = (0, 0, 0)
      for range in ranges(segment) + [size..<size] {
        largest = max(largest, range.lowerBound - end)
        end = Segment.aligned(range.upperBound)
        live += Segment.aligned(range.count)
      }
      return (live, largest)
    }
  }

  @Test(arguments: 1...40) func nothingIsWrittenOverAndNoRoomIsPassedBy(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    var ledger = ObjectLedger(limit: 1 << 20)
    var writers = (UInt32(1)...3).map { ModelWriter($0, fillsGaps: $0 < 3 || seed % 2 == 0) }
    var held = Held()
    let sizes = [[256], [1, 64, 2000], [64, 5000, 16_000], [200, 9000]][Int(seed % 4)]
    var patched = 0

    func apply(_ actions: [StoreAction]) {
      for case .detach(let executor, let segment) in actions { writers[Int(executor) - 1].detach(segment) }
    }
    func release(_ id: UInt64) {
      held.remove(id)
      apply(ledger.release(id))
    }
    func commit(_ list: [ObjectLocation], _ executor: UInt32) throws {
      for (id, location) in zip(try ledger.commit(list.map { object($0) }, by: executor), list) {
        let isFree = held.add(id, location)
        #expect(isFree, "\(location) was taken")
        if Int.random(in: 0..<8, using: &random) > 0 { release(id) }
      }
    }
    /// Whoever gets a new arena, or none, has no old one to go on in.
    func checkNoRoomPassedBy(_ before: ObjectLedger, _ executor: UInt32, _ bytes: Int) {
      for segment in before.segments.values where segment.owner == .executor(executor) && segment.phase == .retired {
        let (live, largest) = held.figures(segment.id, size: segment.size)
        #expect(live > segment.size / 2 || largest < bytes, "segment \(segment.id) had room for \(bytes)")
      }
    }

    for _ in 0..<400 {
      let index = Int.random(in: 0..<writers.count, using: &random)
      let executor = writers[index].executor
      if Int.random(in: 0..<40, using: &random) == 0 {
        apply(ledger.executorGone(executor))
        writers[index] = ModelWriter(executor, fillsGaps: writers[index].fillsGaps)
        continue
      }
      for id in held.references.keys.sorted() where Int.random(in: 0..<60, using: &random) == 0 { release(id) }
      writers[index].begin(&ledger)
      let (isStreaming, fails) = (Bool.random(using: &random), Int.random(in: 0..<4, using: &random) == 0)
      var list: [ObjectLocation] = []
      for _ in 0..<Int.random(in: 1...60, using: &random) {
        let bytes = sizes.randomElement(using: &random) ?? 64
        var place = writers[index].take(bytes)
        if place == nil {
          let before = ledger
          let (decision, actions) = try writers[index].ask(bytes, &ledger)
          apply(actions)
          if case .recycle(_, let free) = decision, !free.isEmpty {
            patched += 1
            #expect(free.allSatisfy { $0.count >= bytes })
          }
          switch decision {
          case .grant, .wait:
            if before.isMemoryScarce, writers[index].fillsGaps { checkNoRoomPassedBy(before, executor, bytes) }
          case .recycle, .neverFits: break
          }
          place = writers[index].take(bytes)
        }
        guard let place else { break }
        list.append(place)
      }
      if isStreaming {
        // In any order, and not all of them.
        for place in list.shuffled(using: &random) where Bool.random(using: &random) {
          try commit([place], executor)
          writers[index].publish(place)
          list.removeAll { $0 == place }
        }
      }
      if fails { writers[index].rollBack() } else { try commit(list.shuffled(using: &random), executor) }
      apply(ledger.attemptEnded(on: executor))
      for segment in ledger.segments.values {
        #expect(segment.liveBytes == held.figures(segment.id, size: segment.size).live)
        #expect(
          segment.largestFree >= held.figures(segment.id, size: segment.size).largestFree)
      }
    }
    #expect(patched > 0)
    for id in held.references.keys.sorted() { release(id) }
    #expect(ledger.fragmentedBytes == 0 && ledger.objectCount == 0)
  }
}
