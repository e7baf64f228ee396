import Testing

@testable import Sidecar

@Suite struct HandOverTests {
  @Test func `a hand-over goes from the report to the next reading of the clock`() {
    var handOver = HandOver()
    #expect(handOver.clockRead(.microseconds(1)) == nil)
    handOver.frameRead(at: .microseconds(2))
    handOver.invoked()
    #expect(handOver.clockRead(.microseconds(5)) == .microseconds(3))
    #expect(handOver.clockRead(.microseconds(6)) == nil, "each is told once")
  }

  @Test func `what does not follow from a report is none`() {
    var handOver = HandOver()
    handOver.frameRead(at: .microseconds(2))
    #expect(handOver.clockRead(.microseconds(3)) == nil, "nothing was invoked")
    handOver.invoked()
    #expect(handOver.clockRead(.microseconds(4)) == nil, "a request has begun it")
    handOver.invoked()
    handOver.frameRead(at: .microseconds(5))
    #expect(handOver.clockRead(.microseconds(6)) == nil)
  }
}
