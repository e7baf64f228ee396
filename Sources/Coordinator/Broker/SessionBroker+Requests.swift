import Dataflow
package import KubernetesAPI
import Wire

/// A request as HTTP brought it.
package struct Submission: Sendable, Hashable {
  package var session: String
  /// Nil stands for the workflow's entry.
  package var function: String?
  package var put: Put?
  package var payload: [UInt8]
  package var idempotencyKey: String?
  package var timeout: Duration?
  /// Keep everything that the session's engine is told, to be replayed.
  package var isRecorded: Bool

  package struct Put: Sendable, Hashable {
    package var bucket: String
    package var key: String
    package var group: String?
  }

  package init(
    session: String, function: String? = nil, put: Put? = nil, payload: [UInt8], idempotencyKey: String? = nil,
    timeout: Duration? = nil, isRecorded: Bool = false
  ) {
    self.session = session
    self.function = function
    self.put = put
    self.payload = payload
    self.idempotencyKey = idempotencyKey
    self.timeout = timeout
    self.isRecorded = isRecorded
  }
}

/// What became of a submission while somebody waited.
package struct SubmissionReply: Sendable, Hashable {
  package var session: String
  /// Nil when the caller's time was over first.
  package var outcome: SessionOutcome?
}

/// What is wrong with a request itself.
package enum SubmissionError: Error, Sendable, Hashable {
  case noWorkflow
  case notSynced
  case noFunction(String, known: [String])
  case noBucket(String, known: [String])
  case tooLarge(limit: Int)
  case tooManyWaiting(Int)
  case rejected(PlacementFailure)
}

extension SessionBroker {
  /// Takes a request and waits until a pod has stored it, or until its session has ended.
  package func submit(
    _ submission: Submission, to key: ObjectKey, wantsEnd: Bool
  ) async throws -> SubmissionReply {
    typealias Entry = (session: String, outcome: OneShot<SessionOutcome>, number: UInt64, limit: Duration)
    guard isReady else { throw SubmissionError.notSynced }
    let entered = change(key) { board, state, now -> (Result<Entry, SubmissionError>, [PlacementAction]) in
      guard board.exists else { return (.failure(.noWorkflow), []) }
      if state.waiterCount >= limits.waiters { return (.failure(.tooManyWaiting(state.waiterCount)), []) }
      let request: CoordinatorFrame.SessionRequest
      switch Self.request(submission, board.plan, entry: board.entry) {
      case .success(let sound): request = sound
      case .failure(let error): return (.failure(error), [])
      }
      let (arrival, actions) = board.machine.requestArrived(request, now: now)
      let id: String
      switch arrival {
      case .rejected(let failure): return (.failure(.rejected(failure)), actions)
      case .admitted(let session), .attached(let session): id = session
      }
      let outcome = OneShot<SessionOutcome>()
      let number = state.takeNumber()
      let known = board.machine.sessions[id]
      if let result = known?.result {
        outcome.fulfil(.success(wantsEnd ? .finished(result) : .accepted))
      } else if !wantsEnd, known?.isAccepted == true {
        outcome.fulfil(.success(.accepted))
      } else {
        let waiter = WorkflowBoard.Waiter(number: number, wantsEnd: wantsEnd, outcome: outcome)
        keep((board.waiters[id] ?? []) + [waiter], id, &board, &state)
      }
      let most = board.plan?.sessionTimeout ?? .seconds(60)
      // A little longer than the session may take, so that its own end is what is answered.
      let limit = min(submission.timeout ?? most, most) + .seconds(2)
      return (.success((id, outcome, number, limit)), actions)
    }
    guard let entered else { throw SubmissionError.noWorkflow }
    let entry = try entered.get()
    defer { leave(key, entry.session, entry.number) }
    return SubmissionReply(session: entry.session, outcome: try await entry.outcome.value(within: entry.limit))
  }

  private func leave(_ key: ObjectKey, _ session: String, _ number: UInt64) {
    _ = change(key) { board, state, _ in
      if let waiters = board.waiters[session], waiters.contains(where: { $0.number == number }) {
        keep(waiters.filter { $0.number != number }, session, &board, &state)
      }
      return ((), [])
    }
  }

  /// Checks a submission against the plan. Without a plan yet, the request waits for one as it would for a pod.
  private static func request(
    _ submission: Submission, _ plan: WorkflowPlan?, entry: String?
  ) -> Result<CoordinatorFrame.SessionRequest, SubmissionError> {
    let origin: CoordinatorFrame.SessionRequest.Origin
    if let put = submission.put {
      if let plan, !plan.buckets.contains(where: { $0.name == put.bucket }) {
        return .failure(.noBucket(put.bucket, known: plan.buckets.map(\.name)))
      }
      origin = .put(bucket: put.bucket, key: put.key, group: put.group)
    } else {
      guard let function = submission.function ?? plan?.entry ?? entry else {
        return .failure(.rejected(.unplaced(noPlan)))
      }
      if let plan, !plan.functions.contains(where: { $0.name == function }) {
        return .failure(.noFunction(function, known: plan.functions.map(\.name)))
      }
      origin = .invoke(function: function)
    }
    if let plan, submission.payload.count > plan.sharedMemory {
      return .failure(.tooLarge(limit: plan.sharedMemory))
    }
    return .success(
      CoordinatorFrame.SessionRequest(
        session: submission.session, origin: origin, payload: submission.payload,
        idempotencyKey: submission.idempotencyKey, requestHash: hash(submission),
        timeout: submission.timeout.map { UInt64(max($0.wholeNanoseconds, 1)) }, isRecorded: submission.isRecorded))
  }

  private static let noPlan =
    "the workflow has no plan yet; see the condition Accepted in kubectl describe workflow"

  /// Tells a retry from another request under the same key. Only needed where there is a key.
  private static func hash(_ submission: Submission) -> String {
    guard submission.idempotencyKey != nil else { return "" }
    var hash = StableHash()
    hash.update(field: submission.function ?? "")
    if let put = submission.put {
      for field in [put.bucket, put.key, put.group == nil ? "" : "group", put.group ?? ""] { hash.update(field: field) }
    } else {
      hash.update(field: "")
    }
    hash.update(submission.payload)
    return hash.finish()
  }
}
