import Dispatch
import Testing

@testable import SharedMemory

@Suite struct EventLoopTests {
  @Test func tellsWhatIsReadableAndWhoIsGone() throws {
    let loop = try EventLoop()
    let (left, right) = try UnixSocket.pair()
    try loop.register(right.descriptor, .readable, token: 5)
    #expect(try loop.wait(timeout: .zero).isEmpty)
    try left.sendAll([1])
    #expect(
      try loop.wait(timeout: .seconds(5)) == [.init(token: 5, isReadable: true, isWritable: false, isHangUp: false)])
    try loop.modify(right.descriptor, [.readable, .writable], token: 6)
    #expect(try loop.wait().first?.isWritable == true)
    left.shutDown()
    #expect(try loop.wait().first?.isHangUp == true)
    try loop.remove(right.descriptor)
    #expect(try loop.wait(timeout: .zero).isEmpty)
  }

  @Test func wakesFromAnotherThread() throws {
    let loop = try EventLoop()
    let hasWoken = DispatchSemaphore(value: 0)
    DispatchQueue(label: "waker").async {
      loop.wake()
      hasWoken.signal()
    }
    #expect(try loop.wait().isEmpty)
    hasWoken.wait()
    #expect(try loop.wait(timeout: .zero).isEmpty)
  }

  @Test(
    arguments: [
      (nil, -1), (.zero, 0), (.nanoseconds(1), 1), (.milliseconds(3), 3), (.microseconds(3001), 4),
      (.seconds(1_000_000_000), 2_000_000_000),
    ] as [(Duration?, Int32)])
  func timeoutsAreRoundedUp(timeout: Duration?, expected: Int32) {
    #expect(EventLoop.milliseconds(timeout) == expected)
  }
}
