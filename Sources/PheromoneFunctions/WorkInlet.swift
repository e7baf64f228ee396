import Dispatch
import SharedMemory
import Synchronization
import Wire

/// Where a worker's loop takes what it is to do next: from the sidecar's ring, and from what the reader of the socket leaves
/// here. One thread takes, another leaves.
final class WorkInlet: Sendable {
  enum Event: Sendable {
    case invoke(SidecarFrame.Invoke)
    case drain
    case closed(String)
  }

  /// A sidecar sends one invocation at a time, so that a correct one never meets the bound.
  private static let limit = 64

  private struct Left {
    var events: [Event] = []
    var hasRing = false
    var interrupter: RingInterrupter?
  }

  private let left = Mutex(Left())
  private let ring = Mutex<RingReader?>(nil)
  private let arrived = DispatchSemaphore(value: 0)
  /// The loop waits for the ring, or is about to.
  private let isWaiting = Atomic(false)
  private let hasLeft = Atomic(false)

  /// From now on invocations come through the ring.
  func useRing(_ reader: consuming RingReader) {
    let interrupter = reader.interrupter
    var reader: RingReader? = reader
    ring.withLock { $0 = reader.take() }
    left.withLock { left in
      left.hasRing = true
      left.interrupter = interrupter
    }
    arrived.signal()
  }

  /// Leaves an event for the loop. False when it does not keep up.
  func leave(_ event: Event) -> Bool {
    let (fits, interrupter) = left.withLock { left in
      guard left.events.count < Self.limit else { return (false, left.interrupter) }
      left.events.append(event)
      return (true, left.interrupter)
    }
    // SYNC POINT with `waitForRing`: stored before the loop is found waiting, or the loop finds it before it sleeps.
    hasLeft.store(true, ordering: .sequentiallyConsistent)
    if let interrupter {
      // The loop is between its last look and its sleep for some instructions only.
      while isWaiting.load(ordering: .sequentiallyConsistent), hasLeft.load(ordering: .sequentiallyConsistent) {
        interrupter.wake()
      }
    } else {
      arrived.signal()
    }
    return fits
  }

  /// Waits for the next event. What the socket's reader has left comes first: it is about the end, mostly.
  func next() throws -> Event {
    while true {
      let (event, hasRing) = left.withLock { left in
        (left.events.isEmpty ? nil : left.events.removeFirst(), left.hasRing)
      }
      if let event { return event }
      if !hasRing {
        arrived.wait()
      } else if let invoke = try takeFromRing() {
        return .invoke(invoke)
      }
    }
  }

  /// Whether the sidecar wants to be asked what comes next.
  var isYieldRequested: Bool { ring.withLock { $0?.isYieldRequested ?? true } }

  /// The next invocation of the ring; nil when something was left meanwhile.
  private func takeFromRing() throws -> SidecarFrame.Invoke? {
    hasLeft.store(false, ordering: .sequentiallyConsistent)
    guard left.withLock({ $0.events.isEmpty }) else { return nil }
    return try ring.withLock { ring in
      var body: [UInt8] = []
      while true {
        // An empty frame says that the invocation comes through the socket.
        let count = try ring?.read(atMost: 1) { body = unsafe $0.withUnsafeBufferPointer { unsafe Array($0) } } ?? 0
        if count > 0, !body.isEmpty {
          guard case .invoke(let invoke) = try SidecarFrame(decoding: body) else {
            throw WireError("only invocations come through the ring")
          }
          return invoke
        }
        if count == 0 || body.isEmpty, try !waitForRing(&ring) { return nil }
      }
    }
  }

  /// False when something was left.
  private func waitForRing(_ ring: inout RingReader?) throws -> Bool {
    // SYNC POINT with `leave`.
    isWaiting.store(true, ordering: .sequentiallyConsistent)
    defer { isWaiting.store(false, ordering: .sequentiallyConsistent) }
    return try ring?.wait(spinning: .byPeer) { hasLeft.load(ordering: .sequentiallyConsistent) } ?? false
  }
}
