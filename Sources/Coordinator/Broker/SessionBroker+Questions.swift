import Dataflow
import FoundationEssentials
import KubernetesAPI
import Synchronization
import Wire

/// What a pod says to a question.
enum PodAnswer: Sendable, Hashable {
  case document([UInt8])
  /// It has nothing of that kind.
  case nothing
  /// There is no link to it, or it did not answer in time.
  case silence
}

/// Where a session is that the coordinator has not placed, such as a derived one.
enum SessionPlace: Sendable, Hashable {
  case on(pod: String, description: [UInt8])
  case nowhere
  /// A pod that may have it did not answer.
  case uncertain
}

/// Questions to pods. They are bounded in number and time, and those that nobody waits for any more are forgotten.
extension SessionBroker {
  private struct Question: Sendable {
    var number: UInt64
    var pod: String
    var answer: OneShot<[UInt8]?>
  }

  func ask(_ pod: String, of key: ObjectKey, _ frame: (UInt64) -> CoordinatorFrame) async throws -> PodAnswer {
    let questions = pose(to: [pod], of: key, frame) ?? []
    defer { retract(questions) }
    guard let question = questions.first else { return .silence }
    return try await Self.answer(to: question, within: limits.question)
  }

  /// Asks every pod of the workflow at the same time; sorted by pod.
  func askAll(_ key: ObjectKey, _ frame: (UInt64) -> CoordinatorFrame) async throws -> [PodAnswer] {
    let questions = pose(to: nil, of: key, frame) ?? []
    defer { retract(questions) }
    let limit = limits.question
    return try await withThrowingTaskGroup(of: (Int, PodAnswer).self) { group in
      for (index, question) in questions.enumerated() {
        group.addTask { (index, try await Self.answer(to: question, within: limit)) }
      }
      var answers = [PodAnswer](repeating: .silence, count: questions.count)
      for try await (index, answer) in group { answers[index] = answer }
      return answers
    }
  }

  /// Finds the pod that has the session, by asking all of them. The first that has it ends the search.
  func locate(_ session: String, of key: ObjectKey) async throws -> SessionPlace {
    guard let questions = pose(to: nil, of: key, { .describe(request: $0, session: session) }) else {
      return .uncertain
    }
    defer { retract(questions) }
    let limit = limits.question
    return try await withThrowingTaskGroup(of: (String, PodAnswer).self) { group in
      for question in questions {
        group.addTask { (question.pod, try await Self.answer(to: question, within: limit)) }
      }
      defer { group.cancelAll() }
      var place = SessionPlace.nowhere
      for try await (pod, answer) in group {
        switch answer {
        case .document(let description): return .on(pod: pod, description: description)
        case .silence: place = .uncertain
        case .nothing: break
        }
      }
      return place
    }
  }

  /// Sends the question to those of the pods that have a link; to all when `pods` is nil. Nil when too many questions
  /// are open already.
  private func pose(
    to pods: [String]?, of key: ObjectKey, _ frame: (UInt64) -> CoordinatorFrame
  ) -> [Question]? {
    let posed = change(key) { board, state, _ -> ([Question]?, [PlacementAction]) in
      let links = (pods ?? board.links.keys.sorted()).compactMap { pod in board.links[pod].map { (pod, $0) } }
      guard state.queries.count + links.count <= limits.questions else { return (nil, []) }
      let questions = links.map { pod, link in
        let question = Question(number: state.takeNumber(), pod: pod, answer: OneShot())
        state.queries[question.number] = Query(workflow: key, pod: pod, purpose: .document(question.answer))
        link.send(frame(question.number))
        return question
      }
      return (questions, [])
    }
    return posed ?? []
  }

  private func retract(_ questions: [Question]) {
    guard !questions.isEmpty else { return }
    state.withLock { state in for question in questions { state.queries[question.number] = nil } }
  }

  private static func answer(to question: Question, within limit: Duration) async throws -> PodAnswer {
    do {
      switch try await question.answer.value(within: limit) {
      case .some(.some(let document)): return .document(document)
      case .some(.none): return .nothing
      case .none: return .silence
      }
    } catch is LinkLost {
      return .silence
    }
  }
}

/// The pod that was asked is gone.
struct LinkLost: Error {}
