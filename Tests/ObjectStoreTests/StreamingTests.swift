import Dataflow
import Testing
import Wire

@testable import ObjectStore

/// Attempts that commit several times, as those of functions that publish immediately do.
@Suite struct StreamingTests {
  private func object(_ segment: UInt32, _ offset: UInt64, _ length: UInt64) -> NewObject {
    NewObject(
      location: ObjectLocation(segment: segment, offset: offset, length: length), bucket: "words")
  }

  /// A ledger with one arena that executor 1 has mapped and writes into.
  private func ledgerWithArena() throws -> (ObjectLedger, UInt32) {
    var ledger = ObjectLedger(limit: 64 << 20)
    ledger.attemptBegan(on: 1)
    guard case .grant(let segment, _) = ledger.needSegment(executor: 1, bytes: 10).decision else {
      throw LedgerError("no grant")
    }
    try ledger.mapped(segment: segment, by: 1)
    return (ledger, segment)
  }

  @Test func objectsMayComeInAnyOrderWhileTheAttemptRuns() throws {
    var (ledger, segment) = try ledgerWithArena()
    // Four loans; the third is put first, and the outputs of the end lie before it.
    var ids = try ledger.commit([object(segment, 128, 64)], by: 1)
    ids += try ledger.commit([object(segment, 0, 10)], by: 1)
    ids += try ledger.commit([object(segment, 192, 5), object(segment, 64, 64)], by: 1)
    #expect(ids.count == 4 && ledger.objectCount == 4)
    for taken in [object(segment, 0, 1), object(segment, 9, 60), object(segment, 127, 1), object(segment, 190, 9)] {
      #expect(throws: LedgerError.self) { try ledger.commit([taken], by: 1) }
    }
    #expect(ledger.segments[segment]?.gaps == [])
  }

  @Test func whatIsPublishedOutlivesTheAttempt() throws {
    var (ledger, segment) = try ledgerWithArena()
    let ids = try ledger.commit([object(segment, 64, 10)], by: 1)
    // A second arena, so that the first is left and could be tidied away.
    guard case .grant(let second, _) = ledger.needSegment(executor: 1, bytes: 10).decision else {
      Issue.record("no second arena")
      return
    }
    try ledger.mapped(segment: second, by: 1)
    let more = try ledger.commit([object(second, 0, 7)], by: 1)
    // It fails: nothing more is committed.
    #expect(ledger.attemptEnded(on: 1).isEmpty)
    #expect(ledger.object(ids[0])?.references == 1 && ledger.object(more[0])?.references == 1)
    // The next attempt goes on behind what was published, and never before it.
    ledger.attemptBegan(on: 1)
    #expect(throws: LedgerError.self) { try ledger.commit([object(second, 0, 7)], by: 1) }
    #expect(throws: Never.self) { try ledger.commit([object(second, 64, 7)], by: 1) }
    #expect(ledger.executorGone(1).isEmpty)
    #expect(ledger.release(ids[0]) == [.destroy(segment: segment)])
  }

  @Test func gapsEndWithTheAttempt() throws {
    var (ledger, segment) = try ledgerWithArena()
    _ = try ledger.commit([object(segment, 640, 10)], by: 1)
    #expect(throws: Never.self) { try ledger.commit([object(segment, 64, 10)], by: 1) }
    _ = ledger.attemptEnded(on: 1)
    ledger.attemptBegan(on: 1)
    #expect(throws: LedgerError.self) { try ledger.commit([object(segment, 128, 10)], by: 1) }
    #expect(throws: Never.self) { try ledger.commit([object(segment, 704, 10)], by: 1) }
  }

  @Test func anObjectThatIsReadAndGoneIsNotWrittenOverWhileTheAttemptRuns() throws {
    var (ledger, segment) = try ledgerWithArena()
    let ids = try ledger.commit([object(segment, 0, 10)], by: 1)
    #expect(ledger.release(ids[0]).isEmpty)
    #expect(throws: LedgerError.self) { try ledger.commit([object(segment, 0, 10)], by: 1) }
    #expect(throws: Never.self) { try ledger.commit([object(segment, 64, 10)], by: 1) }
  }

  @Test func oddPlacesOfOneCommitAreNoTrouble() throws {
    var (ledger, segment) = try ledgerWithArena()
    _ = try ledger.commit([object(segment, 0, 5)], by: 1)
    // Nothing makes a worker begin at cache lines; the second lies before the first, in what is too small for a gap.
    let list = [object(segment, 7, 2), object(segment, 5, 2)]
    #expect(try ledger.commit(list, by: 1).count == 2)
    _ = try ledger.commit([object(segment, 500, 1)], by: 1)
    let gap = [object(segment, 490, 3), object(segment, 20, 400), object(segment, 481, 5), object(segment, 486, 4)]
    #expect(try ledger.commit(gap, by: 1).count == 4)
    for taken in gap { #expect(throws: LedgerError.self) { try ledger.commit([taken], by: 1) } }
  }

  @Test(arguments: 1...50) func rangesMatchAMapOfBytes(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    var segment = Segment(id: 1, size: 2048, owner: .executor(1), isLarge: false, phase: .current)
    var taken = [Bool](repeating: false, count: 2048)
    for _ in 0..<200 {
      let start = Int.random(in: 0..<32, using: &random) * 64
      let range = start..<start + Int.random(in: 1...min(200, 2048 - start), using: &random)
      let isFree = !taken[range].contains(true)
      // At cache lines every free range is found, unless only padding was left before it.
      #expect(segment.isFree(range) == isFree, "\(range) of \(segment.gaps) and \(segment.end)")
      guard segment.isFree(range) else { continue }
      segment.occupy(range)
      for index in range { taken[index] = true }
    }
  }
}
