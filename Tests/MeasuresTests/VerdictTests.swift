import Measures
import Testing

@Suite struct VerdictTests {
  @Test func aGoodRunIsEnough() {
    var verdict = Verdict()
    #expect(verdict.ran(exceeding: [], isVoid: false) == .met)
  }

  @Test func threeMissesInARowFail() {
    var verdict = Verdict()
    #expect(verdict.ran(exceeding: [.chain], isVoid: false) == .again)
    #expect(verdict.ran(exceeding: [.chain, .core], isVoid: false) == .again)
    #expect(verdict.ran(exceeding: [.core, .chain], isVoid: false) == .missed([.chain]))
  }

  @Test func missesOfDifferentFiguresAreNoise() {
    var verdict = Verdict()
    #expect(verdict.ran(exceeding: [.chain, .core], isVoid: false) == .again)
    #expect(verdict.ran(exceeding: [.core], isVoid: false) == .again)
    #expect(verdict.ran(exceeding: [.chain], isVoid: false) == .met)
  }

  @Test func aVoidRunCountsNeitherWay() {
    var verdict = Verdict()
    #expect(verdict.ran(exceeding: [.chain], isVoid: false) == .again)
    #expect(verdict.ran(exceeding: [], isVoid: true) == .again)
    #expect(verdict.ran(exceeding: [.chain], isVoid: false) == .again)
    #expect(verdict.ran(exceeding: [.core], isVoid: true) == .again)
    #expect(verdict.ran(exceeding: [.chain], isVoid: false) == .missed([.chain]))
  }

  @Test func voidRunsComeToAnEnd() {
    var verdict = Verdict()
    #expect(verdict.ran(exceeding: [.chain], isVoid: true) == .again)
    #expect(verdict.ran(exceeding: [.chain], isVoid: true) == .again)
    #expect(verdict.ran(exceeding: [.chain], isVoid: true) == .undecided)
  }
}
