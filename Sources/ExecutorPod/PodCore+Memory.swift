import Dataflow
import ObjectStore
import Scheduling
import Triggers
import Wire

/// Who gets room, and who gives way when there is none.
///
/// Those who wait get what comes free, oldest session first. When all that run wait, nobody will free anything, and the
/// youngest session's attempt gives way: it is queued again, and what it had lent is free. The last of them waits alone;
/// then what queued and given-up attempts were given may be what holds the rest, and they have to run to let go of it. So
/// it gives way too, and those that gave way have a turn each, alone. When all have had theirs and no object was freed,
/// none of them can go on, and the youngest session's attempt fails; so does one that is alone in the pod, unless more is to
/// come by itself. By then each has begun at most twice since an object was freed.
extension PodCore {
  /// Queues what gave way once nobody waits for memory any more, unless one of them has found no room even alone.
  mutating func unpark() {
    guard memoryRequests.isEmpty, !parked.contains(where: { attempts[$0].map(hasHadItsTurn) == true }) else { return }
    unparkAll()
  }

  /// Where nothing runs and nothing else can, the next of those that gave way has its turn. With none left they try again
  /// all the same: an executor may have gone, or come.
  mutating func unparkNext() {
    guard let place = parked.firstIndex(where: { attempts[$0].map(hasHadItsTurn) == false }) else { return unparkAll() }
    let number = parked.remove(at: place)
    if let attempt = attempts[number] { queue(number, attempt.function, of: attempt.session) }
  }

  private mutating func unparkAll() {
    for number in parked {
      if let attempt = attempts[number] { queue(number, attempt.function, of: attempt.session) }
    }
    parked = []
  }

  private func hasHadItsTurn(_ attempt: PodAttempt) -> Bool { attempt.parkedFor == .alone(freed: ledger.freedObjects) }

  /// Who comes first where memory is short: whose session began first, at whichever of its steps it is. By the numbers of
  /// attempts, late steps of old sessions would be the youngest. Nobody needs what runs for a session that is forgotten.
  private func seniority(of executor: PodExecutor) -> (start: Duration, attempt: UInt64, connection: UInt64) {
    let (start, order) = seniority(of: executor.running.flatMap { attempts[$0] })
    return (start, order, executor.connection)
  }

  private func seniority(of attempt: PodAttempt?) -> (start: Duration, attempt: UInt64) {
    let start = attempt.flatMap { sessions[$0.session]?.startedAt.monotonic }
    return (start ?? .seconds(Int64.max), attempt?.order ?? 0)
  }

  mutating func grantMemory() {
    let waiting = memoryRequests.compactMap { executor, request in executors[executor].map { (executor, $0, request) } }
      .sorted { seniority(of: $0.1) < seniority(of: $1.1) }
    for (executor, state, request) in waiting {
      let (bytes, invocation) = (request.bytes, request.invocation)
      var (decision, actions) = ledger.needSegment(executor: executor, bytes: bytes, fillsGaps: state.fillsGaps)
      // Thousands of ended sessions may have to go: a loop, since a stack has no room for so many calls.
      while case .wait = decision, giveUpOldestOutputs() {
        (decision, actions) = ledger.needSegment(
          executor: executor, bytes: bytes, fillsGaps: state.fillsGaps)
      }
      switch decision {
      case .grant(let segment, let size):
        perform(actions)
        act(
          .send(
            connection: state.connection, .grant(segment: segment, size: UInt64(size), invocation: invocation),
            segment: segment))
      case .recycle(let segment, let free):
        perform(actions)
        let ranges = free.map { UInt64($0.lowerBound)..<UInt64($0.upperBound) }
        act(
          .send(
            connection: state.connection, .recycle(segment: segment, invocation: invocation, free: ranges)))
      case .neverFits(let limit):
        let reason = Self.neverFits(bytes, limit: limit)
        act(.send(connection: state.connection, .denied(reason: reason, invocation: invocation)))
      case .wait:
        continue
      }
      memoryRequests[executor] = nil
    }
  }

  /// When everyone who runs waits for memory, somebody gives way, or fails. Answers whether one has failed that was not
  /// running, so that there may be room for those who are.
  mutating func relieveMemory(now: Moment) -> Bool {
    let running = executors.elements.filter { $0.value.running != nil }
    guard !running.isEmpty, running.allSatisfy({ memoryRequests[UInt32($0.number)] != nil }),
      let (key, state) = running.max(by: { seniority(of: $0.value) < seniority(of: $1.value) }),
      let number = state.running
    else { return false }
    let executor = UInt32(key)
    guard running.count == 1 else {
      deny(number, on: executor, state, gaveWay: .besideOthers)
      return false
    }
    // Results that are on their way make room once they have arrived.
    if coordinatorFeatures.contains(.receipts), holdingOutputs.contains(where: { !isDelivered($0) }) { return false }
    let others = attempts.elements.filter { $0.value.executor == nil && scheduler.isHosted($0.value.function) }
    if others.contains(where: { !hasHadItsTurn($0.value) }) {
      deny(number, on: executor, state, gaveWay: .alone(freed: ledger.freedObjects))
      return false
    }
    if isMoreToCome { return false }
    if let youngest = others.max(by: { seniority(of: $0.value) < seniority(of: $1.value) }),
      seniority(of: attempts[number]) < seniority(of: youngest.value), attempts[number]?.isAbandoned == false
    {
      failForWant(youngest.key, youngest.value, now: now)
      return true
    }
    deny(number, on: executor, state, gaveWay: nil)
    return false
  }

  /// Whether something that holds memory goes on by itself: an invocation between two attempts, an attempt whose end is
  /// not known yet, a batch or a window.
  private var isMoreToCome: Bool {
    !bereaved.isEmpty || timers.hasRetries || (timers.isSet(.gathering) && gathering.heldCount > 0)
  }

  private mutating func deny(
    _ number: AttemptTable.Key, on executor: UInt32, _ state: PodExecutor, gaveWay: PodAttempt.Yield?
  ) {
    let invocation = memoryRequests.removeValue(forKey: executor)?.invocation ?? 0
    attempts.change(number) { $0.gaveWay = gaveWay }
    let reason =
      switch gaveWay {
      case .besideOthers: "the pod's object memory is full; this attempt gives way to older sessions"
      case .alone: "the pod's object memory is full; this attempt gives way to others, which hold some of it"
      case nil: noRoom
      }
    act(.send(connection: state.connection, .denied(reason: reason, invocation: invocation)))
  }

  /// Fails an attempt that waits for its next turn.
  private mutating func failForWant(_ number: AttemptTable.Key, _ attempt: PodAttempt, now: Moment) {
    if let position = parked.firstIndex(of: number) {
      parked.remove(at: position)
    } else {
      scheduler.attemptWithdrawn(number.rawValue)
    }
    failUnsent(number, attempt, noRoom, now: now)
  }

  private var noRoom: String {
    "the pod's object memory is full and nothing that could free some is running; raise spec.sharedMemory (now "
      + "\(Quantity.format(identity.sharedMemory)))"
  }

  static func neverFits(_ bytes: Int, limit: Int) -> String {
    "an object of \(Quantity.format(bytes)) can never fit into the pod's object memory of \(Quantity.format(limit)); "
      + "raise spec.sharedMemory or make the object smaller"
  }
}
