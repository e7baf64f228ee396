import Glibc
import Testing

@testable import SharedMemory

@Suite struct RingTests {
  @Test func framesAreSeenTogetherOncePublished() throws {
    var pair = try RingPair()
    #expect(try pair.left.writer.tryWrite([1, 2, 3]) == true)
    #expect(try pair.left.writer.tryWrite([]) == true)
    #expect(pair.right.reader.isReady == false)
    #expect(try pair.right.reader.frames() == [])
    pair.left.writer.publish()
    #expect(pair.right.reader.isReady == true)
    #expect(try pair.right.reader.frames() == [[1, 2, 3], []])
    #expect(try pair.left.reader.frames() == [])
  }

  @Test func framesOfEveryLengthComeWholeAroundTheEnd() throws {
    var pair = try RingPair()
    for length in 0...pair.left.writer.largestFrame {
      let frame = (0..<length).map { UInt8(truncatingIfNeeded: $0 &+ length) }
      #expect(try pair.left.writer.tryWrite(frame) == true)
      pair.left.writer.publish()
      #expect(try pair.right.reader.frames() == [frame])
    }
    #expect(pair.left.writer.wakeups == 0 && pair.right.reader.wakeups == 0)
  }

  @Test func aFullRingTakesNothingUntilAQuarterIsFree() throws {
    var pair = try RingPair()
    let frame = [UInt8](repeating: 7, count: 508)
    var written = 0
    while try pair.left.writer.tryWrite(frame) { written += 1 }
    #expect(written == 8)
    #expect(try pair.left.writer.waitForRoom(spinning: .denied, timeout: .zero) == false)
    #expect(try pair.right.reader.frames(atMost: 1).count == 1)
    #expect(try pair.left.writer.tryWrite(frame) == false)
    #expect(try pair.right.reader.frames(atMost: 1).count == 1)
    #expect(try pair.left.writer.waitForRoom(spinning: .denied) == true)
    #expect(try pair.left.writer.tryWrite(frame) == true)
    #expect(try pair.left.writer.tryWrite(frame) == true)
    #expect(try pair.left.writer.tryWrite(frame) == false)
  }

  @Test func awaitingNothingEndsWithTheTime() throws {
    var pair = try RingPair()
    #expect(try pair.left.reader.wait(spinning: .denied, timeout: .nanoseconds(1)) == false)
    #expect(try pair.left.reader.wait(spinning: .granted, timeout: .zero) == false)
    #expect(try pair.right.writer.tryWrite([1]) == true)
    pair.right.writer.publish()
    #expect(try pair.left.reader.wait(spinning: .denied) == true)
    // Nobody was asleep, so nobody was woken.
    #expect(pair.right.writer.wakeups == 0)
  }

  @Test func aSleeperBesideSocketsIsRungForOnce() throws {
    let bell = try Doorbell()
    let first = try RingSide(capacity: 4096)
    let second = try RingSide(capacity: 4096)
    let firstPeer = try RingPeer(adopting: OwnedDescriptor(owning: dup(first.descriptor)))
    let secondPeer = try RingPeer(adopting: OwnedDescriptor(owning: dup(second.descriptor)))
    var sleeper = first.connect(to: secondPeer)
    var waker = second.connect(
      to: firstPeer, doorbell: Doorbell(adopting: OwnedDescriptor(owning: dup(bell.descriptor))))
    let loop = try EventLoop()
    try loop.register(bell.descriptor, .readable, token: 3)
    for round in 1...3 {
      #expect(sleeper.reader.arm() == true)
      #expect(try loop.wait(timeout: .zero).isEmpty)
      for _ in 0..<3 {
        #expect(try waker.writer.tryWrite([1]) == true)
        waker.writer.publish()
      }
      #expect(waker.writer.wakeups == round)
      #expect(try loop.wait().map(\.token) == [3])
      #expect(try bell.take())
      sleeper.reader.disarm()
      #expect(sleeper.reader.arm() == false)
      #expect(try sleeper.reader.frames().count == 3)
    }
  }

  /// A writer may be so slow between storing its index and looking for sleepers that the reader has dealt with the
  /// index and sleeps again. Nothing is to be told then, and it must not count as told.
  @Test func aSleeperThatKnowsTheIndexIsWokenForTheNextOne() throws {
    var pair = try RingPair()
    func publish() throws {
      #expect(try pair.left.writer.tryWrite([1]) == true)
      pair.left.writer.publish()
    }
    pair.rightWords.storeRelaxed(RingSleep(.futex, known: 8).word, RingLayout.readerSleep)
    try publish()
    #expect(pair.left.writer.wakeups == 0)
    try publish()
    #expect(pair.left.writer.wakeups == 1)
    try publish()
    #expect(pair.left.writer.wakeups == 1)
    pair.rightWords.storeRelaxed(RingSleep(.futex, known: 24).word, RingLayout.readerSleep)
    try publish()
    #expect(pair.left.writer.wakeups == 2)
  }

  @Test func aBellNeverHoldsUpItsOwner() throws {
    let bell = try Doorbell()
    // What a hostile peer can do, as it holds the same open file.
    #expect(fcntl(bell.descriptor, F_SETFL, 0) == 0)
    #expect(try bell.take() == false)
    bell.ring()
    #expect(try bell.take())
    #expect(try bell.take() == false)
  }

  @Test func aPermitIsSeenByThePeerAlone() throws {
    var pair = try RingPair()
    pair.left.writer.permitSpinning(true)
    #expect(pair.leftWords.loadRelaxed(RingLayout.spinPermit) == 1)
    #expect(pair.rightWords.loadRelaxed(RingLayout.spinPermit) == 0)
    #expect(try pair.right.reader.wait(spinning: .byPeer, timeout: .zero) == false)
    pair.left.writer.permitSpinning(false)
    #expect(pair.leftWords.loadRelaxed(RingLayout.spinPermit) == 0)
  }

  @Test func whatWordsSayIsBoundToItsPlace() {
    for way in [RingSleep.Way.awake, .futex, .doorbell] {
      let sleep = RingSleep(word: RingSleep(way, known: 4088).word)
      #expect(sleep.way == way && sleep.known == 4088)
    }
    #expect(RingSleep(word: 7).way == nil)
  }
}
