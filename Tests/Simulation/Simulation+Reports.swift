import Dataflow
import DequeModule
import ExecutorPod
import Wire

/// What workers send, and what has to follow from it.
extension Simulation {
  /// The pod takes the worker's next frame, or notices its end.
  mutating func podReads(_ connection: UInt64) {
    guard let (frame, isLie) = workers[connection]?.nextToPod() else {
      guard workers[connection]?.isDead == true else { return }
      workers[connection] = nil
      say("\(stamp) pod notices the end of worker \(connection)")
      return gone(connection, reason: "the executor died: its process has ended")
    }
    say("\(stamp) pod reads from worker \(connection): \(frame)")
    trace.add(connection)
    trace.add(frame.encoded())
    let begun = follow(frame, isLie: isLie, from: connection)
    core.workerFrame(saboteur?.change(frame) ?? frame, from: connection, now: now)
    perform()
    if let begun { check(begun, on: connection) }
    if isLie, workers[connection] != nil { fail(.honesty, "worker \(connection) lied and is still connected") }
  }

  /// What the frame has to lead to, and the invocation that the worker has begun by itself, if the session needs it.
  private mutating func follow(_ frame: WorkerFrame, isLie: Bool, from connection: UInt64) -> Begun? {
    switch frame {
    case .hello: workers[connection]?.isGreeted = true
    case .finished(let finished): return foresee(finished, isLie: isLie, from: connection)
    case .published(let published): foresee(published, from: connection)
    case .needSegment, .segmentMapped, .workerEnded: break
    }
    return nil
  }

  mutating func gone(_ connection: UInt64, reason: String) {
    if let number = runningOn.removeValue(forKey: connection), let attempt = attempts[number] {
      noteFailure(of: attempt.firing, in: attempt.session, number, isFinal: false)
    }
    if saboteur?.hidesDeath() == true { return }
    core.workerGone(connection, reason: reason, now: now)
    perform()
  }

  /// Whether what the attempt does now still counts.
  private func isWanted(_ number: UInt64, from connection: UInt64) -> SessionModel? {
    guard runningOn[connection] == number, let attempt = attempts[number], !withdrawn.contains(number),
      let model = models[attempt.session], model.end == nil, model.firings[attempt.firing]?.isCommitted == false
    else { return nil }
    return model
  }

  private mutating func foresee(
    _ finished: WorkerFrame.Finished, isLie: Bool, from connection: UInt64
  ) -> Begun? {
    let number = finished.invocation
    let model = isWanted(number, from: connection)
    if runningOn[connection] == number, !isLie, !finished.continues {
      runningOn[connection] = nil
    }
    guard !isLie, let attempt = attempts[number], var model else { return nil }
    switch finished.result {
    case .failed(_, let isRetryable):
      noteFailure(of: attempt.firing, in: attempt.session, number, isFinal: !isRetryable)
    case .committed(let transaction):
      if model.objection(to: transaction, of: attempt.firing) != nil {
        model.firings[attempt.firing]?.isLost = true
        models[attempt.session] = model
        count("objection")
        return nil
      }
      let objects = transaction.puts.map(\.location) + transaction.calls.map(\.location)
      checkSealed(objects + transaction.outputs.map(\.location))
      accept(transaction, of: attempt.firing, &model)
      count("commit")
      defer { models[attempt.session] = model }
      return finished.continues ? begin(after: number, attempt.session, transaction, &model) : nil
    }
    return nil
  }

  private func object(_ key: String, _ group: String?, _ location: ObjectLocation) -> SessionModel.Object {
    .init(key: key, group: group, mark: marks[location] ?? 0, size: Int(location.length))
  }

  private mutating func accept(_ transaction: Transaction, of firing: String, _ model: inout SessionModel) {
    guard let function = model.firings[firing]?.function else { return }
    model.firings[firing]?.isCommitted = true
    for put in transaction.puts
    where model.firings[firing]?.published.contains(.init(bucket: put.bucket, key: put.key.text)) != true {
      show(object(put.key.text, put.group, put.location), in: put.bucket, &model)
    }
    var keys: [String: [String]] = [:]
    for announcement in transaction.announcements { keys[announcement.bucket, default: []] += announcement.keys }
    model.announcements.append((function, keys))
    for call in transaction.calls {
      model.calls.append((call.function, object(call.key.text, call.group, call.location)))
    }
    for output in transaction.outputs { model.outputs.append((output.name, object("", nil, output.location))) }
  }

  private mutating func foresee(_ published: WorkerFrame.Published, from connection: UInt64) {
    guard let attempt = attempts[published.invocation], var model = isWanted(published.invocation, from: connection)
    else { return }
    let put = published.put
    if model.objection(to: Transaction(puts: [put]), of: attempt.firing) != nil {
      model.firings[attempt.firing]?.isLost = true
    } else if model.firings[attempt.firing]?.published.insert(.init(bucket: put.bucket, key: put.key.text)).inserted
      == true
    {
      show(object(put.key.text, put.group, put.location), in: put.bucket, &model)
      count("streamed")
    }
    models[attempt.session] = model
  }

  /// An attempt has failed. Nobody waits for one that was withdrawn, and one that gave way will be made again.
  mutating func noteFailure(of firing: String, in session: String, _ number: UInt64, isFinal: Bool) {
    guard var model = models[session], model.end == nil, !withdrawn.contains(number), !gaveWay.contains(number) else {
      return
    }
    model.firings[firing]?.failures += 1
    let failures = model.firings[firing]?.failures ?? 0
    let limit = model.firings[firing].flatMap { model.function($0.function) }?.retry.limit ?? 0
    if isFinal || failures > limit { model.firings[firing]?.isLost = true }
    models[session] = model
  }

  private mutating func checkSealed(_ locations: [ObjectLocation]) {
    for location in locations where location.length > 0 && memory.segments[location.segment]?.isSealed == false {
      fail(.protocolOrder, "segment \(location.segment) holds a committed object and was never sealed")
    }
  }
}
