import Dataflow
import Wire

/// How executors end. The sidecar sees a connection close; the supervisor of the container has the exit code, a moment
/// later, since the kernel closes a process's files before it tells the parent. The attempt fails when both are known.
extension PodCore {
  /// How long the supervisor's word is waited for, which nearly always takes a fraction of a millisecond.
  static let endingPatience = Duration.milliseconds(250)

  /// The executor has ended while it ran the attempt.
  mutating func awaitEnding(
    of executor: PodExecutor, _ attempt: PodAttempt, _ number: AttemptTable.Key, reason: String, now: Moment
  ) {
    let bereaved = BereavedAttempt(
      attempt: attempt, number: number, container: executor.container, process: executor.process, reason: reason,
      deadline: now.monotonic + Self.endingPatience)
    guard executor.ending == nil, supervisors[executor.container]?.tellsEndings == true else {
      return fail(bereaved, executor.ending, now: now)
    }
    self.bereaved.append(bereaved)
    if self.bereaved.count == 1 { timers.set(.endings, at: bereaved.deadline) }
  }

  mutating func workerEnded(_ ending: WorkerEnding, _ connection: UInt64, now: Moment) {
    guard let container = supervisors.first(where: { $0.value.connection == connection })?.key else {
      return act(.close(connection: connection, reason: "it tells of a worker's end and is no supervisor"))
    }
    if let place = bereaved.firstIndex(where: { $0.container == container && $0.process == ending.process }) {
      fail(bereaved.remove(at: place), ending, now: now)
      if bereaved.isEmpty { timers.cancel(.endings) }
      return
    }
    // The two words may come in either order. Of one that has run nothing there is nothing to say.
    for (number, executor) in executors.elements
    where executor.container == container && executor.process == ending.process {
      changeExecutor(UInt32(number)) { $0.ending = ending }
    }
  }

  /// If the connection was a supervisor's, it will tell of nothing any more.
  mutating func supervisorGone(_ connection: UInt64, now: Moment) {
    guard let container = supervisors.first(where: { $0.value.connection == connection })?.key else { return }
    supervisors[container] = nil
    while let place = bereaved.firstIndex(where: { $0.container == container }) {
      fail(bereaved.remove(at: place), nil, now: now)
    }
    if bereaved.isEmpty { timers.cancel(.endings) }
  }

  /// The supervisor has had its time, or more.
  mutating func stopWaitingForEndings(now: Moment) {
    while let first = bereaved.first, first.deadline <= now.monotonic {
      fail(bereaved.removeFirst(), nil, now: now)
    }
    if let first = bereaved.first { timers.set(.endings, at: first.deadline) }
  }

  private mutating func fail(_ bereaved: BereavedAttempt, _ ending: WorkerEnding?, now: Moment) {
    let message = ending.map { "the executor died: \($0)" } ?? bereaved.reason
    fail(
      bereaved.attempt, bereaved.number, message: message + whereToLook(bereaved.container), isRetryable: true, now: now
    )
  }
}
