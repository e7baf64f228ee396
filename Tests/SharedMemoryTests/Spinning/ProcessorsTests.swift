import CSharedMemory
import Testing

@testable import SharedMemory

/// Each on a thread of its own for as long as it runs: none of them suspends.
@Suite struct ProcessorsTests {
  @Test func `a sleep away from a processor leaves the others, and then all again`() {
    let all = csm_processors()
    let processor = Processors.current
    Processors.rest(awayFrom: processor) {
      #expect(csm_processors() == max(1, all - 1))
      #expect(all == 1 || Processors.current != processor)
    }
    #expect(csm_processors() == all)
    Processors.leave(Processors.current)
    #expect(csm_processors() == all)
  }

  @Test func `an error comes through, and then all processors are there again`() {
    struct Failure: Error {}
    let all = csm_processors()
    #expect(throws: Failure.self) { try Processors.rest(awayFrom: Processors.current) { throw Failure() } }
    #expect(csm_processors() == all)
  }

  @Test(arguments: [nil, -1, .min, .max, 8191, 8192, 1_000_000] as [Int32?])
  func `a processor that is not there changes nothing`(number: Int32?) {
    let all = csm_processors()
    Processors.rest(awayFrom: number) { #expect(csm_processors() == all) }
    #expect(csm_processors() == all)
  }
}
