import DequeModule
import ExecutorPod
import Logging
import ObjectStore
import SharedMemory
import Wire

/// What the pod's core has decided, carried out.
extension PodRuntime {
  /// What an action leads to is done after all that was decided before it: a segment is made before anyone is sent it.
  mutating func perform() {
    core.moveActions(to: &pending)
    guard !isPerforming else { return }
    isPerforming = true
    defer { isPerforming = false }
    while let action = pending.popFirst() {
      perform(action)
      core.moveActions(to: &pending)
    }
  }

  private mutating func perform(_ action: PodAction) {
    do {
      switch action {
      case .send(let connection, let frame, let segment): send(frame, segment: segment, to: connection)
      case .close(let connection, let reason): close(connection, reason: reason)
      case .createSegment(let id, let size):
        making[id] = SegmentInMaking(isOwn: false)
        loop.makeSegment(id, size: size, access: .reading)
      case .createOwnSegment(let id, let size):
        making[id] = SegmentInMaking(isOwn: true)
        loop.makeSegment(id, size: size, access: .writing)
      case .sealSegment(let id, let connection): seal(id, for: connection)
      case .destroySegment(let id): if making.removeValue(forKey: id) == nil { segments.destroy(id) }
      case .write(let bytes, let id, let offset):
        if making[id] != nil {
          making[id]?.add(SegmentWrite(bytes: bytes, offset: offset))
        } else {
          try segments[id]?.write(bytes, at: offset)
        }
      case .tellCoordinator(let frame): link?.send(frame)
      case .deliver(let session, let state, let message, let outputs, let request):
        deliver(SessionResult(session: session, state: state, message: message), outputs, request: request)
      case .log(let note): loop.logger.log(level: note.isWarning ? .warning : .info, "\(note.message)")
      }
    } catch {
      loop.logger.error("object memory failed: \(error)")
    }
  }

  private mutating func send(_ frame: SidecarFrame, segment id: UInt32?, to token: UInt64) {
    guard let connection = connections[token] else { return }
    if let waiting = whatToWaitFor(connection, token, segment: id) {
      making[waiting]?.add(frame, for: token, goesWithSegment: waiting == id)
      return
    }
    let segment = id.flatMap { segments[$0] }
    if id != nil, segment == nil { return close(token, reason: "the segment for it could not be made") }
    let wakeups = connection.wakeups
    if case .invoke = frame {
      tell(spinning.workerBecomesBusy(token))
      handOver.invoked()
    }
    do {
      guard try connection.send(frame, segment: segment) else {
        return close(token, reason: "it does not read what it is sent")
      }
    } catch {
      return close(token, reason: "\(error)")
    }
    if connection.wakeups > wakeups { spinning.workerWasAsleep() }
    if connection.hasUnsent { flush(connection, token) }
    if connection.outboxSize > Self.unnoticedSize { limitOutboxes() }
  }

  /// The segment in making that a frame cannot go before: its own, or where frames keep their order, since there is no ring,
  /// one that an earlier frame waits for.
  private func whatToWaitFor(_ connection: WorkerConnection, _ token: UInt64, segment id: UInt32?) -> UInt32? {
    if making.isEmpty { return nil }
    if let id, making[id] != nil { return id }
    return connection.hasRings ? nil : making.first { $0.value.concerns(token) }?.key
  }

  mutating func made(_ id: UInt32, _ result: Result<MemorySegment, SystemError>) {
    // Who it was for may have gone meanwhile.
    guard var made = making[id] else { return }
    do {
      let segment = try result.get()
      let rest = try made.fill(segment)
      making[id] = made
      guard rest.isEmpty else { return loop.fill(segment, id, rest) }
      if made.isOwn { try segment.seal() }
      segments.insert(segment, as: id)
    } catch {
      loop.logger.error("object memory failed: \(error)")
    }
    making[id] = nil
    for waiting in made.frames {
      send(waiting.frame, segment: waiting.goesWithSegment ? id : nil, to: waiting.connection)
    }
  }

  private mutating func seal(_ id: UInt32, for connection: UInt64) {
    // It was granted, but is still being made: who has mapped it cannot have been sent it.
    guard let segment = segments[id] else {
      return close(connection, reason: "it says it has mapped segment \(id), which it was not sent")
    }
    do {
      try segment.seal()
    } catch {
      close(connection, reason: "its segment could not be sealed: \(error)")
    }
  }

  private mutating func deliver(_ empty: SessionResult, _ outputs: [OutputLocation], request: UInt64?) {
    var result = empty
    do {
      for output in outputs {
        result.outputs.append(.init(name: output.name, bytes: try segments.bytes(at: output.location)))
      }
    } catch {
      result = SessionResult(session: empty.session, state: .failed, message: "the outputs cannot be read: \(error)")
    }
    link?.send(request.map { .outputs(request: $0, result: result) } ?? .ended(result))
  }
}
