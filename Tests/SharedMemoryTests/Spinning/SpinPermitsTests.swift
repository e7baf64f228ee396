import Testing

@testable import SharedMemory

@Suite struct SpinPermitsTests {
  @Test func whoBecameIdleLastHasThePermit() {
    var permits = SpinPermits(limit: 1)
    #expect(permits.becameIdle(1) == .init(revoked: nil, granted: 1))
    #expect(permits.becameIdle(2) == .init(revoked: 1, granted: 2))
    #expect(permits.becameIdle(2) == .none)
    #expect(permits.becameBusy(1) == .none)
    #expect(permits.becameIdle(1) == .init(revoked: 2, granted: 1))
    #expect(permits.becameBusy(1) == .init(revoked: 1, granted: 2))
    #expect(permits.becameBusy(1) == .none)
    #expect(permits.becameBusy(2) == .init(revoked: 2, granted: nil))
  }

  @Test(arguments: [0, -3]) func withoutProcessorsToSpareNobodySpins(limit: Int) {
    var permits = SpinPermits(limit: limit)
    #expect(permits.becameIdle(1) == .none)
    #expect(!permits.isHolding(1))
    #expect(permits.becameBusy(1) == .none)
  }

  /// Whoever carries out the changes knows who holds permits, never more than there are, and no permit lies unused.
  @Test(arguments: 0...4, 1...20) func changesSayWhoHoldsPermits(limit: Int, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var permits = SpinPermits(limit: limit)
    var idle: Set<Int> = []
    var holders: Set<Int> = []
    for _ in 0..<300 {
      let member = Int.random(in: 0..<6, using: &generator)
      let becomesIdle = Bool.random(using: &generator)
      if becomesIdle { idle.insert(member) } else { idle.remove(member) }
      let change = becomesIdle ? permits.becameIdle(member) : permits.becameBusy(member)
      if let revoked = change.revoked { #expect(holders.remove(revoked) != nil) }
      if let granted = change.granted { #expect(holders.insert(granted).inserted) }
      #expect(holders.isSubset(of: idle))
      #expect(holders.count == min(limit, idle.count))
      #expect(holders == Set((0..<6).filter { permits.isHolding($0) }))
      if becomesIdle, limit > 0 { #expect(holders.contains(member)) }
    }
  }
}
