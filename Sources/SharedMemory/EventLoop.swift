import CSharedMemory

/// Waits for many descriptors at once, on one thread. Only `wake` may be called by others.
package final class EventLoop: Sendable {
  /// What a registration wants to hear of. A peer's end is always told.
  package struct Interest: OptionSet, Sendable, Hashable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let readable = Interest(rawValue: 1)
    package static let writable = Interest(rawValue: 2)
  }

  package struct Event: Sendable, Hashable {
    /// The registration's token.
    package var token: UInt64
    package var isReadable: Bool
    package var isWritable: Bool
    /// The peer has closed or failed. There may be bytes left to read.
    package var isHangUp: Bool
  }

  private static let wakeToken = UInt64.max
  private static let batch = 64

  private let epoll: OwnedDescriptor
  private let waker: OwnedDescriptor

  package init() throws(SystemError) {
    epoll = OwnedDescriptor(owning: try SystemError.check(csm_epoll_create(), "make an event loop"))
    waker = OwnedDescriptor(owning: try SystemError.check(csm_event_create(), "make an event loop's waker"))
    try SystemError.check(
      csm_epoll_set(epoll.number, waker.number, 1, 0, Self.wakeToken, 1), "register an event loop's waker")
  }

  /// Begins to watch a descriptor; level-triggered. The token comes back with its events; `UInt64.max` is taken.
  package func register(_ descriptor: Int32, _ interest: Interest, token: UInt64) throws(SystemError) {
    try set(descriptor, interest, token: token, isNew: true)
  }

  /// Changes what a registered descriptor is watched for.
  package func modify(_ descriptor: Int32, _ interest: Interest, token: UInt64) throws(SystemError) {
    try set(descriptor, interest, token: token, isNew: false)
  }

  /// Ends the watching. Do it before the descriptor is closed.
  package func remove(_ descriptor: Int32) throws(SystemError) {
    try SystemError.check(csm_epoll_remove(epoll.number, descriptor), "end the watching of a descriptor")
  }

  /// Waits until something happens, `wake` is called (an empty list, or what else there is), or the time is over (an
  /// empty list). Without a timeout it waits without end. At most 64 events come at once; the rest come next time.
  package func wait(timeout: Duration? = nil) throws(SystemError) -> [Event] {
    var tokens = [UInt64](repeating: 0, count: Self.batch)
    var flags = [UInt32](repeating: 0, count: Self.batch)
    let milliseconds = Self.milliseconds(timeout)
    let result = unsafe csm_epoll_wait(epoll.number, &tokens, &flags, Int32(Self.batch), milliseconds)
    let count = Int(try SystemError.check(result, "wait for events"))
    var events: [Event] = []
    events.reserveCapacity(count)
    for index in 0..<count {
      if tokens[index] == Self.wakeToken {
        csm_event_drain(waker.number)
        continue
      }
      let flag = Int(flags[index])
      events.append(
        Event(
          token: tokens[index], isReadable: flag & CSM_READABLE != 0,
          isWritable: flag & CSM_WRITABLE != 0, isHangUp: flag & CSM_HANGUP != 0))
    }
    return events
  }

  /// Ends a `wait`, the present or the next one. From any thread.
  package func wake() { csm_event_signal(waker.number) }

  /// SIGTERM, SIGINT and SIGCHLD wake this loop from now on. One loop of a process may ask for it.
  package func wakeOnSignals() throws(SystemError) {
    try SystemError.check(csm_signals_to_event(waker.number), "receive signals")
  }

  /// Rounded up, so that a timer is never asked for before its time.
  static func milliseconds(_ timeout: Duration?) -> Int32 {
    guard let timeout else { return -1 }
    guard timeout > .zero else { return 0 }
    let (seconds, attoseconds) = timeout.components
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    return Int32(seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  private func set(_ descriptor: Int32, _ interest: Interest, token: UInt64, isNew: Bool) throws(SystemError) {
    guard token != Self.wakeToken else {
      throw SystemError("register a descriptor", reason: "its token is kept for the waker")
    }
    let result = csm_epoll_set(
      epoll.number, descriptor, interest.contains(.readable) ? 1 : 0, interest.contains(.writable) ? 1 : 0, token,
      isNew ? 1 : 0)
    try SystemError.check(result, "watch a descriptor")
  }
}
