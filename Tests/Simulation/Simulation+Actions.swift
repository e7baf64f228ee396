import Dataflow
import DequeModule
import ExecutorPod
import ObjectStore
import Scheduling
import Wire

/// Carries out what the pod decides, as the sidecar's loop does it.
extension Simulation {
  /// What an action leads to is done after all that was decided before it.
  mutating func perform() {
    takeActions()
    guard !isPerforming else { return }
    isPerforming = true
    defer { isPerforming = false }
    while let action = pending.popFirst() {
      perform(action)
      takeActions()
    }
    noticeEnds()
  }

  private mutating func takeActions() {
    for action in core.takeActions() {
      if saboteur != nil {
        pending.append(contentsOf: saboteur?.change(action) ?? [])
      } else {
        pending.append(action)
      }
    }
  }

  private mutating func perform(_ action: PodAction) {
    switch action {
    case .send(let connection, let frame, let segment):
      trace.add(frame.encoded())
      send(frame, segment: segment, to: connection)
    case .close(let connection, let reason): close(connection, reason: reason)
    case .createSegment(let id, let size):
      if !memory.create(id, size: size, isSealed: false) { fail(.memory, "segment \(id) was created twice") }
    case .createOwnSegment(let id, let size):
      if !memory.create(id, size: size, isSealed: true) { fail(.memory, "segment \(id) was created twice") }
    case .sealSegment(let id, _):
      // Its owner may have gone since, and the segment with it.
      _ = memory.seal(id)
    case .destroySegment(let id):
      trace.add(UInt64(id))
      if !memory.destroy(id) { fail(.memory, "segment \(id) was destroyed twice") }
    case .write(let bytes, let segment, let offset): write(bytes, segment: segment, offset: offset)
    case .tellCoordinator(let frame):
      note(frame)
      if link.isOpen { link.toCoordinator.append(.frame(frame)) }
    case .deliver(let session, let state, let message, let outputs, let request):
      deliver(session, state, message, outputs, request: request)
    case .log(let note): say("\(stamp) pod notes: \(note.message)")
    }
  }

  private mutating func send(_ frame: SidecarFrame, segment: UInt32?, to connection: UInt64) {
    if connection == supervisor { return }
    guard let worker = workers[connection] else { return }
    if (segment.map { memory.segments[$0] != nil } ?? false) != (frame.descriptorCount > 0) {
      return fail(.protocolOrder, "\(frame) travels with a segment that is not there")
    }
    switch frame {
    case .invoke(let invoke): dispatched(invoke, to: connection)
    case .cancel(let invocation):
      withdrawn.insert(invocation)
      count("cancel")
    case .denied(let reason, _): denied(to: connection, reason)
    default: break
    }
    if !worker.isDead { workers[connection]?.toWorker.append(frame) }
  }

  /// A worker is refused room for an object that could fit: then all that run wait for room. Its attempt either gives way,
  /// and has not failed by that, or it is alone and fails.
  private mutating func denied(to connection: UInt64, _ reason: String) {
    guard let number = runningOn[connection], let worker = workers[connection], !worker.isDead,
      worker.requested <= profile.sharedMemory
    else { return }
    let givesWay = reason.contains("gives way")
    if givesWay {
      gaveWay.insert(number)
      count("gave way")
    }
    let own = attempts[number].flatMap { models[$0.session] }
    for (other, otherNumber) in runningOn.sorted(by: { $0.key < $1.key }) where other != connection {
      if !givesWay { fail(.memory, "worker \(connection) fails for want of room beside worker \(other)") }
      if let worker = workers[other], worker.run != nil, !worker.isWaiting {
        fail(.memory, "worker \(connection) is refused room while worker \(other) goes on")
      }
      let session = attempts[otherNumber].flatMap { models[$0.session] }
      if let own, own.end == nil, let session, session.end == nil, session.startedAt > own.startedAt {
        fail(.memory, "session \(own.name) gives way to \(session.name), which is younger")
      }
    }
    guard !givesWay, let own, own.end == nil, own.isCancelled == false else { return }
    for attempt in core.attempts.values where attempt.executor == nil && core.scheduler.isHosted(attempt.function) {
      guard let session = core.sessions[attempt.session]?.name, let model = models[session] else { continue }
      if model.startedAt > own.startedAt {
        fail(.memory, "session \(own.name) fails for want of room before \(session), which is younger")
      }
    }
  }

  /// An attempt begins: what it is, and whether its session still needs it.
  private mutating func dispatched(_ invoke: SidecarFrame.Invoke, to connection: UInt64) {
    let number = invoke.invocation
    count("attempt")
    guard runningOn.updateValue(number, forKey: connection) == nil else {
      return fail(.protocolOrder, "worker \(connection) is given attempt \(number) while it runs another")
    }
    guard attempts.updateValue((invoke.session, invoke.firing.text, connection), forKey: number) == nil else {
      return fail(.protocolOrder, "two attempts have the number \(number)")
    }
    if models[invoke.session] == nil { derive(invoke) }
    guard var model = models[invoke.session] else {
      return fail(
        .firings, "an attempt of \(invoke.function) belongs to session \(invoke.session), which nobody asked for")
    }
    if model.end != nil {
      return fail(.outcome, "session \(model.name) has ended, and \(invoke.function) is run for it")
    }
    let inputs = invoke.inputs.map { SessionModel.Input(bucket: $0.bucket, key: $0.key.text) }
    if let known = model.firings[invoke.firing.text] {
      if known.isCommitted { fail(.oneCommit, "\(invoke.function) (\(invoke.firing)) has committed and is run again") }
      if known.inputs != inputs { fail(.firings, "another attempt of \(invoke.firing) has other inputs") }
    } else {
      model.firings[invoke.firing.text] = .init(function: invoke.function, inputs: inputs)
      models[invoke.session] = model
      for (input, object) in zip(inputs, model.objects(of: invoke.firing.text, inputs)) where object == nil {
        fail(
          .firings,
          "\(invoke.function) of \(invoke.session) is given \(input.bucket)/\(input.key), which is not visible")
      }
    }
  }

  private mutating func close(_ connection: UInt64, reason: String) {
    guard let worker = workers.removeValue(forKey: connection) else { return }
    say("\(stamp) pod closes worker \(connection): \(reason)")
    trace.add(connection)
    count("closed")
    if !worker.hasLied, !isInTimers {
      fail(.honesty, "worker \(connection) did nothing wrong and is closed: \(reason)")
    }
    gone(connection, reason: "the executor died: \(reason)")
  }

  private mutating func write(_ bytes: [UInt8], segment: UInt32, offset: Int) {
    var mark: UInt64 = 0
    for (index, byte) in bytes.prefix(8).enumerated() { mark |= UInt64(byte) << (8 * UInt64(index)) }
    guard let size = memory.segments[segment]?.size, offset + bytes.count <= size else {
      return fail(.memory, "a payload of \(bytes.count) bytes is written to segment \(segment), where there is no room")
    }
    let location = ObjectLocation(segment: segment, offset: UInt64(offset), length: UInt64(bytes.count))
    memory.write(mark, at: location)
    marks[location] = mark
  }

  private mutating func note(_ frame: PodFrame) {
    switch frame {
    case .answer(let request, let document):
      trace.add(request)
      trace.add(document == nil ? 0 : 1)
    case .load(let load):
      trace.add(UInt64(load.activeSessions))
      trace.add(load.memoryUsed)
    case .deadLetter(let letter):
      trace.add(letter.session)
      count("dead letter")
    default: trace.add(frame.encoded())
    }
  }
}
