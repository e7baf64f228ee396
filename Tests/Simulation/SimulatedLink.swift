import Dataflow
import DequeModule
import Wire

/// The coordinator and the connection to it, as far as a pod can tell.
struct SimulatedLink {
  enum News {
    case frame(PodFrame)
    case result(session: String, request: UInt64?)
  }

  var isOpen = false
  /// How often a link has been opened.
  var life = 0
  /// How long the pod's frames have been on their way.
  var delay = Duration.zero
  /// The pod has been told in this life that it is registered.
  var isRegistered = false
  var toPod: Deque<CoordinatorFrame> = []
  var toCoordinator: Deque<News> = []
  /// Requests without an answer so far.
  var unanswered: [String: CoordinatorFrame.SessionRequest] = [:]
  /// Sessions that were cancelled.
  var cancelled: Set<String> = []
  /// The pod is being deleted.
  var drains = false
  /// Sessions whose result has come.
  var results: Set<String> = []
  /// Sessions that were delivered in this life.
  var delivered: Set<String> = []
  var lastRequest: UInt64 = 0

  mutating func open() {
    isOpen = true
    life += 1
    isRegistered = false
    delivered = []
  }

  /// What is under way is lost.
  mutating func close() {
    isOpen = false
    toPod = []
    toCoordinator = []
  }

  /// The coordinator reads the next frame; it answers a registration with the plan, with what the pod may not have heard, and
  /// with what it has no answer to.
  mutating func read(revision: String) {
    guard let news = toCoordinator.popFirst() else { return }
    switch news {
    case .result(let session, nil):
      results.insert(session)
      toPod.append(.received(session: session))
    case .result: break
    case .frame(.register(let pod)):
      toPod.append(.registered(version: 1, features: .current, coordinator: "c"))
      toPod.append(.plan(revision: revision, document: []))
      if drains, !pod.isDraining { toPod.append(.drain) }
      for held in pod.sessions where cancelled.contains(held.session) { toPod.append(.cancel(session: held.session)) }
      for (_, request) in unanswered.sorted(by: { $0.key < $1.key }) { toPod.append(.start(request)) }
    case .frame(.stored(let session)), .frame(.refused(let session, _, _)): unanswered[session] = nil
    case .frame: break
    }
  }
}
