import Dataflow
import DequeModule
import ExecutorPod
import Wire

/// Processes come, work, lie and die.
extension Simulation {
  mutating func joinSupervisor() {
    lastConnection += 1
    supervisor = lastConnection
    core.workerFrame(
      .hello(.init(role: .supervisor, container: "app", slot: 0, functions: [])), from: lastConnection, now: now)
    perform()
  }

  mutating func join() {
    guard workers.count < profile.workerLimit else { return goOn() }
    var names = functionNames
    if profile.hasPartialWorkers, tape.once(in: 2), names.count > 1 { names.remove(at: tape.below(names.count)) }
    _ = join(names)
  }

  /// All functions that any plan has had.
  var functionNames: [String] { generator.spec.functions.map(\.name) }

  mutating func join(_ functions: [String]) -> UInt64 {
    lastConnection += 1
    var worker = SimulatedWorker(slot: UInt16(truncatingIfNeeded: lastConnection), functions: functions)
    worker.toPod.append(.hello(.init(role: .worker, container: "app", slot: worker.slot, functions: functions)))
    workers[lastConnection] = worker
    count("worker")
    say("\(stamp) worker \(lastConnection) joins")
    return lastConnection
  }

  /// The process is gone; the pod still reads what it sent before.
  mutating func die(_ connection: UInt64) {
    guard workers[connection]?.isDead == false else { return }
    say("\(stamp) worker \(connection) dies")
    count("death")
    workers[connection]?.isDead = true
    workers[connection]?.run = nil
    workers[connection]?.toWorker = []
  }

  /// The worker's reader takes the next frame.
  mutating func workerReads(_ connection: UInt64) {
    guard let frame = workers[connection]?.toWorker.popFirst() else { return }
    say("\(stamp) worker \(connection) reads \(frame)")
    switch frame {
    case .grant(let segment, let size, _): workers[connection]?.granted(segment, size: Int(size))
    case .recycle(let segment, _, let free):
      if !free.isEmpty { count("gaps") }
      workers[connection]?.recycled(segment, free: free)
    case .denied(let reason, _): workers[connection]?.hear(.denied(reason))
    case .attach(let segment, _): workers[connection]?.mapped.insert(segment)
    case .detach(let segment): workers[connection]?.detached(segment)
    case .invoke(let invoke): begin(invoke, on: connection)
    case .cancel(let invocation):
      guard workers[connection]?.run?.invoke.invocation == invocation, !tape.once(in: 4) else { return }
      workers[connection]?.run?.isCancelled = true
    case .continuations(let table): workers[connection]?.continuations = table
    case .welcome, .refused, .drain, .kill: break
    }
  }

  private mutating func begin(_ invoke: SidecarFrame.Invoke, on connection: UInt64) {
    if workers[connection]?.run != nil { fail(.protocolOrder, "worker \(connection) is given a second attempt") }
    let run = script(for: invoke)
    workers[connection]?.begin(run)
    read(invoke, on: connection, isThorough: true)
  }

  /// The worker looks at its inputs.
  mutating func read(_ invoke: SidecarFrame.Invoke, on connection: UInt64, isThorough: Bool) {
    // What a worker has gone on with is known once the pod has taken it over: until then it may be the worker's own mistake.
    guard attempts[invoke.invocation]?.firing == invoke.firing.text else { return }
    guard let worker = workers[connection], let model = models[invoke.session] else { return }
    let objects = model.objects(
      of: invoke.firing.text, invoke.inputs.map { .init(bucket: $0.bucket, key: $0.key.text) })
    for (input, object) in zip(invoke.inputs, objects) {
      guard let object else { continue }
      let name = "\(input.bucket)/\(input.key) of \(invoke.session) for \(invoke.function) on worker \(connection)"
      if Int(input.location.length) != object.size {
        return fail(.readable, "\(name) has \(input.location.length) bytes, not \(object.size)")
      }
      if object.size > 0, !worker.reads(input.location.segment) {
        return fail(.readable, "\(name) lies in segment \(input.location.segment), which is not attached")
      }
      if let objection = memory.objection(to: input.location, mark: object.mark, isThorough: isThorough) {
        return fail(.readable, "\(name) cannot be read: \(objection)")
      }
    }
  }

  /// The worker's function makes one move.
  mutating func work(_ connection: UInt64) {
    guard var worker = workers[connection], var run = worker.run else { return }
    if run.isCancelled {
      worker.end(.failed(message: "CancellationError()", isRetryable: true))
      workers[connection] = worker
      return say("\(stamp) worker \(connection) obeys the cancellation")
    }
    guard let move = run.moves.first else { return end(run, on: connection) }
    switch move {
    case .announce(let bucket, let keys): run.transaction.announcements.append(.init(bucket: bucket, keys: keys))
    case .put(_, _, _, let size), .call(_, _, let size), .output(let size):
      switch worker.place(size) {
      case .asks:
        workers[connection] = worker
        return
      case .denied(let reason):
        worker.end(.failed(message: reason, isRetryable: false))
        workers[connection] = worker
        count("denied")
        return say("\(stamp) worker \(connection) is denied memory")
      case .at(let location): enter(move, at: location, &run, &worker)
      }
    }
    run.moves.removeFirst()
    worker.run = run
    workers[connection] = worker
  }

  private mutating func enter(
    _ move: SimulatedWorker.Move, at location: ObjectLocation, _ run: inout SimulatedWorker.Run,
    _ worker: inout SimulatedWorker
  ) {
    let mark = nextMark()
    memory.write(mark, at: location)
    marks[location] = mark
    switch move {
    case .put(let bucket, let key, let group, _):
      let put = Transaction.Put(bucket: bucket, key: Label(key), group: group, location: location)
      if run.invoke.publishesImmediately {
        run.published[location.segment] = Int(location.offset + location.length)
        worker.toPod.append(.published(.init(invocation: run.invoke.invocation, put: put)))
      } else {
        run.transaction.puts.append(put)
      }
    case .call(let function, let key, _):
      run.transaction.calls.append(.init(function: function, key: Label(key), location: location))
    case .output: run.transaction.outputs.append(.init(name: "", location: location))
    case .announce: break
    }
  }

  private mutating func end(_ run: SimulatedWorker.Run, on connection: UInt64) {
    read(run.invoke, on: connection, isThorough: true)
    switch run.ending {
    case .commit: commit(run, on: connection)
    case .fail(let isRetryable):
      count("failure")
      workers[connection]?.end(.failed(message: "it broke", isRetryable: isRetryable))
    case .hang: break
    case .die: die(connection)
    case .lie(let kind): lie(kind, run, on: connection)
    }
    say("\(stamp) worker \(connection) ends \(run.invoke.function) of \(run.invoke.session): \(run.ending)")
  }

  /// The worker reports a commit, and may go on by itself.
  private mutating func commit(_ run: SimulatedWorker.Run, on connection: UInt64) {
    guard let next = workers[connection]?.next(after: run), tape.below(4) > 0 else {
      workers[connection]?.end(.committed(run.transaction))
      return
    }
    workers[connection]?.end(.committed(run.transaction), continues: true)
    var following = script(for: next)
    following.hops = run.hops + 1
    workers[connection]?.begin(following)
    count("inline")
    say("\(stamp) worker \(connection) goes on with \(next.function) of \(next.session)")
  }

  /// The worker reports what cannot be so. The pod has to close it, and nothing of it may become visible.
  private mutating func lie(_ kind: Int, _ run: SimulatedWorker.Run, on connection: UInt64) {
    count("lie")
    workers[connection]?.beginLying()
    let location: ObjectLocation
    switch kind {
    case 0: location = .init(segment: 999_999, offset: 0, length: 8)
    case 1: location = .init(segment: 0, offset: 0, length: 9)
    case 2: location = .init(segment: 7, offset: 0, length: 0)
    case 3: location = .init(segment: workers[connection]?.own.keys.min() ?? 999_999, offset: 1 << 40, length: 8)
    case 4:
      // Two objects are for the scheduler to spread.
      let puts = [0, 1].map {
        Transaction.Put(bucket: "b0", key: "lie\($0)", location: .init(segment: 0, offset: 0, length: 0))
      }
      workers[connection]?.end(.committed(Transaction(puts: puts)), continues: true)
      return
    case 5:
      workers[connection]?.run = nil
      workers[connection]?.toPod.append(.segmentMapped(segment: 999_999))
      return
    default:
      workers[connection]?.run = nil
      workers[connection]?.toPod.append(.finished(.init(invocation: .max, result: .committed(run.transaction))))
      return
    }
    var transaction = run.transaction
    transaction.outputs = [.init(name: "lie", location: location)]
    workers[connection]?.end(.committed(transaction))
  }
}
