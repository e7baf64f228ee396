import Testing

@testable import SharedMemory

@Suite struct RingPlaceTests {
  @Test(arguments: [-1, 0, 1, 5000, .max] as [Int32], [false, true])
  func `a place survives its word`(processor: Int32, isLeaving: Bool) {
    let place = RingPlace(processor: processor, isLeaving: isLeaving)
    #expect(RingPlace(word: place.word) == place)
  }

  @Test func `nothing said is no processor`() { #expect(RingPlace(word: 0) == RingPlace(processor: -1)) }

  @Test(arguments: [.max, 1 << 63, 0x8000_0000, 0xffff_ffff, 1 << 32] as [UInt64])
  func `whatever a peer writes is some place`(word: UInt64) { Processors.leave(RingPlace(word: word).processor) }

  @Test func `who publishes says where`() throws {
    var pair = try RingPair()
    let before = pair.right.reader.peersPlace
    #expect(before == RingPlace(processor: -1))
    #expect(try pair.left.writer.tryWrite([1]))
    pair.left.writer.publish()
    let after = pair.right.reader.peersPlace
    #expect(after.processor >= 0 && !after.isLeaving)
  }
}
