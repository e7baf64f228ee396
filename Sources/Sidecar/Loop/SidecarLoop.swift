import Dataflow
import Dispatch
import ExecutorPod
import Glibc
import Logging
import SharedMemory
import Synchronization
import Wire

/// The thread on which a sidecar decides and serves its executors. Others reach it through a mailbox only.
final class SidecarLoop: Sendable {
  /// Messages that may wait; a loop that is this far behind is broken, and its link is closed.
  static let mailboxLimit = 100_000

  enum Message: Sendable {
    case linkOpened(LinkOutbox)
    case linkClosed
    case frame(CoordinatorFrame)
    case plan(WorkflowPlan)
    case drain
    /// A segment that was asked for has its pages, or could not get them.
    case segmentMade(UInt32, Result<MemorySegment, SystemError>)
    /// Lets somebody look at the state.
    case inspect(@Sendable (PodCore) -> Void)
    /// Calls back once no session runs here.
    case whenIdle(@Sendable () -> Void)
    case stop
  }

  let events: EventLoop
  let listener: UnixSocket
  let identity: PodIdentity
  let spinning: SpinSettings
  let logger: Logger
  private let mailbox = Mutex<[Message]>([])
  private let segmentMaker = DispatchQueue(label: "pheromone.segments")
  private let mailHasCome = Atomic(false)
  private let isAsleep = Atomic(false)

  init(
    identity: PodIdentity, socketPath: String, spinning: SpinSettings = SpinSettings(), logger: Logger
  ) throws(SystemError) {
    self.identity = identity
    self.spinning = spinning
    self.logger = logger
    events = try EventLoop()
    listener = try UnixSocket.listen(path: socketPath)
    try events.register(listener.descriptor, .readable, token: PodRuntime.listenerToken)
  }

  /// Makes a segment on another thread, as its pages take long: 0.7 ms for each megabyte. `segmentMade` tells of it.
  func makeSegment(_ id: UInt32, size: Int, access: MemorySegment.Access) {
    segmentMaker.async {
      let made = Result { () throws(SystemError) in
        let segment = try MemorySegment.create(size: size, access: access)
        try segment.prefault()
        return segment
      }
      self.post(.segmentMade(id, made))
    }
  }

  /// Writes into a segment on the thread that made it, which then tells of it again.
  func fill(_ segment: MemorySegment, _ id: UInt32, _ writes: [SegmentWrite]) {
    segmentMaker.async {
      let made = Result { () throws(SystemError) in
        for write in writes { try segment.write(write.bytes, at: write.offset) }
        return segment
      }
      self.post(.segmentMade(id, made))
    }
  }

  /// From any thread. False when the loop is hopelessly behind.
  @discardableResult
  func post(_ message: Message) -> Bool { post(CollectionOfOne(message)) }

  /// From any thread: several, in their order, all or none.
  @discardableResult
  func post(_ list: some Collection<Message>) -> Bool {
    guard !list.isEmpty else { return true }
    let fits = mailbox.withLock { messages in
      guard messages.count + list.count <= Self.mailboxLimit else { return false }
      messages.append(contentsOf: list)
      return true
    }
    // SYNC POINT with `mayFallAsleep`: either the loop is seen asleep here, or the mail there.
    mailHasCome.store(true, ordering: .sequentiallyConsistent)
    if isAsleep.load(ordering: .sequentiallyConsistent) { events.wake() }
    return fits
  }

  /// Whether something was posted. Costs no lock, for one who looks all the time.
  var hasMail: Bool { mailHasCome.load(ordering: .relaxed) }

  /// What was posted since the last call.
  func takeMessages() -> [Message] {
    guard hasMail else { return [] }
    mailHasCome.store(false, ordering: .relaxed)
    return mailbox.withLock { messages in
      defer { messages = [] }
      return messages
    }
  }

  /// Says that from now on a post has to wake the loop. False when there is mail already. `hasAwoken` takes it back.
  func mayFallAsleep() -> Bool {
    // SYNC POINT with `post`.
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    return !mailHasCome.load(ordering: .sequentiallyConsistent)
  }

  func hasAwoken() { isAsleep.store(false, ordering: .relaxed) }

  /// Answers a question about the state, on the loop's thread.
  func inspect<Answer: Sendable>(_ question: @escaping @Sendable (PodCore) -> Answer) async -> Answer? {
    await withCheckedContinuation { continuation in
      let isPosted = post(.inspect { continuation.resume(returning: question($0)) })
      if !isPosted { continuation.resume(returning: nil) }
    }
  }

  /// Now, as events are stamped with it.
  static func now() -> Moment {
    Moment(monotonic: reading(CLOCK_MONOTONIC), wall: reading(CLOCK_REALTIME))
  }

  private static func reading(_ clock: clockid_t) -> Duration {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
