package import Dataflow
import FoundationEssentials
import KubernetesAPI
package import Logging
import Synchronization
package import Wire

/// A connection to a sidecar. Sending never blocks and keeps the order of the calls.
package protocol PodLink: AnyObject, Sendable {
  func send(_ frame: CoordinatorFrame)
  func close()
}

/// Brings requests, pods and resources together: feeds the placement of each workflow and carries out what it decides.
///
/// Actions are carried out under the lock. Each of them only hands something over (a frame to an event loop, a value
/// to a waiting task), and so a `cancel` can never overtake the `start` that was decided before it.
package final class SessionBroker: Sendable {
  struct State {
    var boards: [ObjectKey: WorkflowBoard] = [:]
    var queries: [UInt64: Query] = [:]
    var nextNumber: UInt64 = 1
    var waiterCount = 0
    var deadLetters = DeadLetterOffice()
    var isSynced = false
    var isStopping = false
  }

  struct Query {
    enum Purpose {
      case document(OneShot<[UInt8]?>)
      /// The outputs of a session that was not placed here.
      case result(OneShot<SessionResult?>)
      case outputs(session: String)
    }

    var workflow: ObjectKey
    var pod: String
    var purpose: Purpose
  }

  let state: Mutex<State>
  let limits: BrokerLimits
  let logger: Logger
  let clock: @Sendable () -> Moment
  private let started: Moment

  package init(
    limits: BrokerLimits = BrokerLimits(), logger: Logger, clock: @escaping @Sendable () -> Moment = Moment.now
  ) {
    state = Mutex(State())
    self.limits = limits
    self.logger = logger
    self.clock = clock
    started = clock()
  }

  // MARK: - Changing a workflow's board

  /// Changes the board of a workflow and carries out what that leads to. Nil when there is no such board.
  func change<Value>(
    _ key: ObjectKey, creating: Bool = false,
    _ body: (inout WorkflowBoard, inout State, Moment) -> (Value, [PlacementAction])
  ) -> Value? {
    let now = clock()
    return state.withLock { state in
      guard var board = state.boards.removeValue(forKey: key) ?? (creating ? newBoard() : nil) else { return nil }
      let (value, actions) = body(&board, &state, now)
      perform(actions, key, &board, &state)
      state.boards[key] = board
      return value
    }
  }

  private func newBoard() -> WorkflowBoard {
    WorkflowBoard(
      machine: PlacementStateMachine(gatherUntil: started.monotonic + limits.gathering, limits: limits.placement))
  }

  private func perform(
    _ actions: [PlacementAction], _ key: ObjectKey, _ board: inout WorkflowBoard, _ state: inout State
  ) {
    for action in actions {
      switch action {
      case .send(let pod, let frame): board.links[pod]?.send(frame)
      case .accepted(let session):
        let waiters = board.waiters[session] ?? []
        for waiter in waiters where !waiter.wantsEnd { waiter.outcome.fulfil(.success(.accepted)) }
        keep(waiters.filter(\.wantsEnd), session, &board, &state)
      case .finished(let result): settle(result.session, .finished(result), &board, &state)
      case .failed(let session, let failure):
        logger.info(
          "a request is not served", metadata: ["workflow": "\(key)", "session": "\(session)", "reason": "\(failure)"])
        settle(session, .failed(failure), &board, &state)
      case .collect(let session, let pod):
        let number = state.takeNumber()
        state.queries[number] = Query(workflow: key, pod: pod, purpose: .outputs(session: session))
        board.links[pod]?.send(.collect(request: number, session: session))
      }
    }
  }

  private func settle(
    _ session: String, _ outcome: SessionOutcome, _ board: inout WorkflowBoard, _ state: inout State
  ) {
    for waiter in board.waiters[session] ?? [] { waiter.outcome.fulfil(.success(outcome)) }
    keep([], session, &board, &state)
  }

  func keep(
    _ waiters: [WorkflowBoard.Waiter], _ session: String, _ board: inout WorkflowBoard, _ state: inout State
  ) {
    state.waiterCount += waiters.count - (board.waiters[session]?.count ?? 0)
    board.waiters[session] = waiters.isEmpty ? nil : waiters
  }

  // MARK: - Time and end

  /// Called a few times a second.
  package func timePassed() {
    for key in state.withLock({ Array($0.boards.keys) }) {
      _ = change(key) { board, _, now in ((), board.machine.timePassed(now)) }
    }
  }

  /// The dead letters that are to be told now.
  package func deadLettersDue() -> [DeadLetterReport] {
    let now = clock().monotonic
    return state.withLock { $0.deadLetters.due(now: now) }
  }

  /// Fails whatever waits; sessions that run on pods go on there.
  package func stop() {
    for key in state.withLock({ state in
      state.isStopping = true
      return Array(state.boards.keys)
    }) {
      _ = change(key) { board, _, _ in ((), board.machine.closed(.stopping)) }
    }
    let queries = state.withLock { state in
      defer { state.queries = [:] }
      return Array(state.queries.values)
    }
    for query in queries { query.fail() }
  }

  /// Whether requests can be taken: the caches are filled, and nobody has asked to stop.
  package var isReady: Bool { state.withLock { $0.isSynced && !$0.isStopping } }
  package var openWaits: Int { state.withLock { $0.waiterCount } }
  package var openQuestions: Int { state.withLock { $0.queries.count } }
}

extension SessionBroker.Query {
  func fail() {
    switch purpose {
    case .document(let answer): answer.fulfil(.failure(LinkLost()))
    case .result(let answer): answer.fulfil(.failure(LinkLost()))
    case .outputs: break
    }
  }
}

extension SessionBroker.State {
  mutating func takeNumber() -> UInt64 {
    defer { nextNumber += 1 }
    return nextNumber
  }
}

/// Bounds of one coordinator.
package struct BrokerLimits: Sendable, Hashable {
  package var placement = PlacementLimits()
  /// Requests that are waited for over HTTP, of all workflows together.
  package var waiters = 4096
  /// How long after its start the pods that are known are awaited before a request with a key is placed.
  package var gathering = Duration.seconds(5)
  /// How long a pod may take to answer a question.
  package var question = Duration.seconds(5)
  /// Questions to pods that may be open at a time, of all workflows together.
  package var questions = 16_384

  package init() {}
}

extension Moment {
  private static let start = ContinuousClock.now

  package static func now() -> Moment {
    Moment(
      monotonic: ContinuousClock.now - start, wall: .nanoseconds(Int64(Date().timeIntervalSince1970 * 1e9)))
  }
}
