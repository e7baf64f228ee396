import Testing
import Wire

@testable import ObjectStore

/// The arenas into which the sidecar writes payloads, filled up between the objects that stay.
@Suite struct PayloadArenaTests {
  private struct Payload {
    var id: UInt64
    var segment: UInt32
    var range: Range<Int>
  }

  /// Payloads of one size come and go at random. No two lie over each other, and the arenas never take more than twice what
  /// the payloads took at most, beside the one that is written into and the one before it.
  @Test(arguments: 0..<40 as Range<UInt64>) func arenasTakeAtMostTwiceWhatTheyHold(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    var ledger = ObjectLedger(limit: 4 << 20)
    let size = [64, 100, 1000, 4000].randomElement(using: &random) ?? 64
    let taken = Segment.aligned(size)
    // Memory is scarce all the time, by an object of somebody else's.
    ledger.attemptBegan(on: 1)
    guard case .grant(let large, _) = ledger.needSegment(executor: 1, bytes: 5 << 19).decision else {
      throw LedgerError("no grant")
    }
    try ledger.mapped(segment: large, by: 1)
    _ = try ledger.commit(
      NewObject(location: .init(segment: large, offset: 0, length: 5 << 19), bucket: ""), by: 1)
    let others = ledger.used
    var payloads: [Payload] = []
    var destroyed: Set<UInt32> = []
    var most = 0
    for step in 0..<4000 {
      if Int.random(in: 0..<100, using: &random) < (step / 500 % 2 == 0 ? 65 : 40), payloads.count * taken < 1 << 19 {
        let (reservation, actions) = ledger.reserve(bytes: size, bucket: "")
        for case .destroy(let segment) in actions { destroyed.insert(segment) }
        guard case .reserved(let id, let segment, let offset) = reservation else {
          Issue.record("seed \(seed), step \(step): \(payloads.count) payloads leave no room for another")
          return
        }
        let range = offset..<offset + size
        #expect(!destroyed.contains(segment) && offset % 64 == 0 && range.upperBound <= ledger.arenaSize)
        #expect(!payloads.contains { $0.segment == segment && $0.range.overlaps(range) }, "seed \(seed), step \(step)")
        payloads.append(Payload(id: id, segment: segment, range: range))
        most = max(most, payloads.count * taken)
        #expect(ledger.used - others <= 2 * most + 2 * ledger.arenaSize, "seed \(seed), step \(step)")
      } else if !payloads.isEmpty {
        let gone = payloads.remove(at: Int.random(in: 0..<payloads.count, using: &random))
        for case .destroy(let segment) in ledger.release(gone.id) { destroyed.insert(segment) }
      }
    }
    for payload in payloads { _ = ledger.release(payload.id) }
    #expect(ledger.used - others <= ledger.arenaSize)
  }
}
