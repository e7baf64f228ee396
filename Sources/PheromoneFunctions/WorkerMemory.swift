import Dataflow
import Dispatch
import SharedMemory
import Synchronization
import Wire

/// The shared memory of one worker on one connection: the segments it writes into and those it reads from.
///
/// Handlers call `allocate` from any thread and may wait there for the sidecar; the connection's reader thread delivers
/// what they wait for, and so never takes `writer`.
final class WorkerMemory: Sendable {
  enum Answer: Sendable {
    case room(Room)
    case denied(String)
    case interrupted
    case closed
  }

  /// A segment to write into.
  struct Room: Sendable {
    var id: UInt32
    /// The only ranges that are free, in their order; without any all of it is.
    var free: [Range<Int>] = []
  }

  private struct Writer {
    var arena: Arena?
    /// Where the running attempt began to write.
    var mark: (id: UInt32, offset: Int)?
  }

  private struct Inbox {
    /// Whose put waits.
    var waiting: ObjectIdentifier?
    var answer: Answer?
    /// The last request.
    var request = Request()
    /// Requests that were given up; their answers may still come, whoever waits then.
    var givenUp: [Request] = []
    var isWaiting: Bool { waiting != nil }
    /// Room that came when nobody waited for it any more: used first.
    var spare: [Room] = []
    var isClosed = false
  }

  private struct Request {
    var invocation: UInt64 = 0
    var bytes = 0
  }

  private struct Segments {
    var mapped: [UInt32: MemorySegment] = [:]
    /// An invocation may be here before the segments of its inputs.
    var mayBeOvertaken = false
    var isAwaited = false
    var isClosed = false
  }

  private static let givenUpLimit = 8

  let send: @Sendable (WorkerFrame) throws -> Void
  private let writer = Mutex(Writer())
  private let segments = Mutex(Segments())
  private let inbox = Mutex(Inbox())
  private let arrived = DispatchSemaphore(value: 0)
  private let attached = DispatchSemaphore(value: 0)

  init(send: @escaping @Sendable (WorkerFrame) throws -> Void) { self.send = send }

  // MARK: Handlers

  /// Finds room for an object, if need be by asking the sidecar and waiting for its answer.
  func allocate(_ count: Int, for attempt: Attempt) throws -> Place {
    guard count > 0 else { return .empty }
    return try writer.withLock { writer in
      while true {
        try attempt.checkOpen()
        if var arena = writer.arena {
          // A detached arena is the worker's no more.
          writer.arena = nil
          if let segment = segment(arena.id) {
            let offset = arena.take(count)
            if let offset {
              writer.arena = arena
              return Place(segment: segment, id: arena.id, offset: offset, count: count)
            }
            // Asking for another arena ends this one, as the sidecar sees it, even if none is granted.
            if Arena.isLarge(count, inSegmentOf: arena.size) { writer.arena = arena }
          }
        }
        let room = try self.room(for: count, attempt)
        guard let segment = segment(room.id) else { continue }
        if Arena.isLarge(count, inSegmentOf: segment.size) {
          guard count <= segment.size else {
            throw FunctionError("the sidecar granted \(segment.size) bytes for an object of \(count)")
          }
          return Place(segment: segment, id: room.id, offset: 0, count: count)
        }
        // Should the attempt fail, all of it is written over, also if the attempt began in another use of it.
        writer.mark = nil
        writer.arena = Arena(id: room.id, size: segment.size, free: room.free)
      }
    }
  }

  func attemptBegins() { writer.withLock { writer in writer.mark = writer.arena.map { ($0.id, $0.offset) } } }

  /// Whether an answer may still come that would be taken for one to what follows under the same number.
  func hasGivenUp(in invocation: UInt64) -> Bool {
    inbox.withLock { inbox in inbox.givenUp.contains { $0.invocation == invocation } }
  }

  /// What a failed attempt has written can be written over at once: nobody has heard of it. What it has published
  /// others may read, so that writing goes on behind it.
  func rollBack(_ attempt: Attempt) {
    writer.withLock { writer in
      guard var arena = writer.arena else { return }
      let mark = writer.mark.flatMap { $0.id == arena.id ? $0.offset : nil } ?? 0
      arena.goBack(to: max(mark, attempt.publishedEnd(in: arena.id) ?? 0))
      writer.arena = arena
    }
  }

  func view(_ input: SidecarFrame.Input) throws -> ObjectView {
    let location = input.location
    var found: MemorySegment?
    if location.length > 0 {
      guard let segment = awaitSegment(location.segment), location.length <= UInt64(segment.size),
        location.offset <= UInt64(segment.size) - location.length
      else {
        throw WireError("input \"\(input.key)\" lies outside the segments that the sidecar attached")
      }
      found = segment
    }
    // That of an object without bytes means nothing.
    let offset = found == nil ? 0 : Int(location.offset)
    return ObjectView(
      segment: found, offset: offset, count: Int(location.length), key: input.key, bucket: input.bucket,
      group: input.group)
  }

  // MARK: The connection's reader

  /// From now on invocations come another way than segments.
  func mayBeOvertaken() { segments.withLock { $0.mayBeOvertaken = true } }

  // Each answer names the invocation that has asked; zero, from a sidecar that does not say, is the one that waits.

  func granted(_ id: UInt32, size: UInt64, descriptor: OwnedDescriptor, for invocation: UInt64 = 0) throws {
    try take(id, size: size, descriptor: descriptor, access: .writing)
    try send(.segmentMapped(segment: id))
    deliver(.room(Room(id: id)), for: invocation)
  }

  func attached(_ id: UInt32, size: UInt64, descriptor: OwnedDescriptor) throws {
    try take(id, size: size, descriptor: descriptor, access: .reading)
  }

  func detached(_ id: UInt32) {
    inbox.withLock { inbox in inbox.spare.removeAll { $0.id == id } }
    segments.withLock { $0.mapped[id] = nil }
  }

  func recycled(_ id: UInt32, free: [Range<UInt64>] = [], for invocation: UInt64 = 0) throws {
    let size = segment(id)?.size ?? 0
    var ranges: [Range<Int>] = []
    for range in free {
      guard range.lowerBound >= UInt64(ranges.last?.upperBound ?? 0), range.upperBound <= UInt64(size) else {
        throw WireError("the sidecar names ranges of segment \(id) that are out of order, or outside its \(size) bytes")
      }
      ranges.append(Int(range.lowerBound)..<Int(range.upperBound))
    }
    // What was kept of it before is no longer so.
    inbox.withLock { inbox in inbox.spare.removeAll { $0.id == id } }
    deliver(.room(Room(id: id, free: ranges)), for: invocation)
  }

  func denied(_ reason: String, for invocation: UInt64 = 0) { deliver(.denied(reason), for: invocation) }

  /// Lets a put of the attempt that waits look at it again. The worker may be with its next attempt by now, which
  /// nothing has happened to.
  func interrupt(_ attempt: Attempt) {
    let isWaiting = inbox.withLock { inbox in
      guard inbox.waiting == ObjectIdentifier(attempt), inbox.answer == nil else { return false }
      inbox.answer = .interrupted
      // A sidecar forgets most of them, so that only the latest are worth remembering.
      if inbox.givenUp.count == Self.givenUpLimit { inbox.givenUp.removeFirst() }
      inbox.givenUp.append(inbox.request)
      return true
    }
    if isWaiting { arrived.signal() }
  }

  /// The sidecar is gone: nothing waits, nothing stays mapped (views that a handler still holds keep theirs).
  func close() {
    let isWaiting = inbox.withLock { inbox in
      inbox.isClosed = true
      inbox.spare = []
      guard inbox.isWaiting, inbox.answer == nil else { return false }
      inbox.answer = .closed
      return true
    }
    if isWaiting { arrived.signal() }
    noteSegments { segments in
      segments.mapped = [:]
      segments.isClosed = true
    }
  }

  // MARK: Inside

  private func segment(_ id: UInt32) -> MemorySegment? { segments.withLock { $0.mapped[id] } }

  /// The segment, once its descriptor has come: see `RingTransport`.
  private func awaitSegment(_ id: UInt32) -> MemorySegment? {
    while true {
      let (segment, mayCome) = segments.withLock { segments in
        let segment = segments.mapped[id]
        segments.isAwaited = segment == nil && segments.mayBeOvertaken && !segments.isClosed
        return (segment, segments.isAwaited)
      }
      guard mayCome else { return segment }
      attached.wait()
    }
  }

  /// Changes what is mapped, and has the one who waits for it look again.
  private func noteSegments(_ change: (inout Segments) -> Void) {
    let isAwaited = segments.withLock { segments in
      change(&segments)
      defer { segments.isAwaited = false }
      return segments.isAwaited
    }
    if isAwaited { attached.signal() }
  }

  private func take(_ id: UInt32, size: UInt64, descriptor: OwnedDescriptor, access: MemorySegment.Access) throws {
    guard let size = Int(exactly: size) else { throw WireError("segment \(id) of \(size) bytes") }
    let segment = try MemorySegment.adopt(descriptor, size: size, access: access)
    noteSegments { $0.mapped[id] = segment }
  }

  private func stopWaiting() -> Answer? {
    inbox.withLock { inbox in
      inbox.waiting = nil
      return inbox.answer
    }
  }

  private func deliver(_ answer: Answer, for invocation: UInt64) {
    let isWaiting = inbox.withLock { inbox in
      let isOwn = invocation == 0 || invocation == inbox.request.invocation
      guard inbox.isWaiting, inbox.answer == nil, isOwn else {
        let index = inbox.givenUp.firstIndex { $0.invocation == invocation }
        let asked = index.map { inbox.givenUp.remove(at: $0).bytes } ?? (isOwn ? inbox.request.bytes : .max)
        if case .room(let room) = answer { keep(room, asked: asked, in: &inbox) }
        return false
      }
      inbox.answer = answer
      return true
    }
    if isWaiting { arrived.signal() }
  }

  /// Room that nobody waits for any more. A segment that was made for one large object serves that attempt only, and the
  /// sidecar takes it back.
  private func keep(_ room: Room, asked bytes: Int, in inbox: inout Inbox) {
    guard let size = segment(room.id)?.size, !Arena.isLarge(bytes, inSegmentOf: size) else { return }
    inbox.spare.append(room)
  }

  /// A segment to write into. Called with `writer` held, so that one asks at a time.
  private func room(for count: Int, _ attempt: Attempt) throws -> Room {
    let spare: Room? = try inbox.withLock { inbox in
      if inbox.isClosed { throw CancellationError() }
      let fitting = inbox.spare.firstIndex { room in
        guard let size = segment(room.id)?.size else { return false }
        return !Arena.isLarge(count, inSegmentOf: size)
      }
      if let fitting { return inbox.spare.remove(at: fitting) }
      inbox.waiting = ObjectIdentifier(attempt)
      inbox.answer = nil
      inbox.request = Request(invocation: attempt.invoke.invocation, bytes: count)
      return nil
    }
    if let spare { return spare }
    do {
      // An interrupt from here on finds the waiting; an earlier one shows in the attempt.
      try attempt.checkOpen()
      try send(.needSegment(bytes: UInt64(count), invocation: attempt.invoke.invocation))
    } catch {
      if let answer = stopWaiting() {
        arrived.wait()
        if case .room(let room) = answer { inbox.withLock { keep(room, asked: count, in: &$0) } }
      }
      throw error
    }
    arrived.wait()
    switch stopWaiting() {
    case .room(let room): return room
    case .denied(let reason): throw FunctionError(reason, isRetryable: false)
    case .interrupted, .closed, nil: throw CancellationError()
    }
  }
}
