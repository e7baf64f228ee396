/// Decides what a reflector does next. Facts in, one action out.
///
///     listing ──listed──> watching(version) ──watch ended──> watching(last version seen)
///        ^                    │    │
///        └──── expired ───────┘    └─ failed ──> after a wait: watching again, or listing if there was no list yet
struct ReflectorStateMachine {
  enum Action: Equatable {
    case list
    case watch(resourceVersion: String)
    /// Wait, then ask with `waited`.
    case wait(Duration)
  }

  private enum State {
    case listing
    case watching(version: String)
  }

  private var state = State.listing
  private var failures = 0
  private let backoff: Backoff

  init(backoff: Backoff = .reflector) { self.backoff = backoff }

  /// What to do at the beginning and after a wait.
  func waited() -> Action {
    switch state {
    case .listing: .list
    case .watching(let version): .watch(resourceVersion: version)
    }
  }

  mutating func listed(resourceVersion: String) -> Action {
    state = .watching(version: resourceVersion)
    failures = 0
    return waited()
  }

  /// An event or a bookmark brought the watch to this version.
  mutating func advanced(to version: String) {
    guard case .watching = state, !version.isEmpty else { return }
    state = .watching(version: version)
    failures = 0
  }

  /// The server ended the watch. One that ended at once without a word is treated as a failure, or a server that
  /// ends all watches would be asked without pause.
  mutating func watchEnded(wasQuick: Bool, random: Double) -> Action {
    wasQuick ? failed(retryAfter: nil, random: random) : waited()
  }

  /// The server has forgotten the version. Repeated expiry backs off too.
  mutating func expired(random: Double) -> Action {
    state = .listing
    failures += 1
    return failures == 1 ? .list : .wait(backoff.delay(attempt: failures - 1, random: random))
  }

  mutating func failed(retryAfter: Duration?, random: Double) -> Action {
    failures += 1
    return .wait(max(backoff.delay(attempt: failures, random: random), retryAfter ?? .zero))
  }
}
