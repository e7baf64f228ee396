/// Decides who leads. Pure: what was read, what could be written, and the time are inputs.
///
///     following ──record written──> leading(last renewed) ──no renewal within renewDeadline, or another's record──> following
///
/// Another's lease is over when its record has not changed for its own duration, measured by the clock of this machine
/// from when this machine first saw the record: clocks of different machines are never compared.
struct LeaderElectionStateMachine {
  typealias Instant = ContinuousClock.Instant

  struct Timing: Hashable, Sendable {
    /// How long others wait after the last renewal.
    var leaseDuration: Duration
    /// A leader that could not renew for this long stops; shorter than the lease, so that it stops before another begins.
    var renewDeadline: Duration
    var retryPeriod: Duration
  }

  enum Attempt: Equatable {
    /// There is no lease: create it with this record.
    case create(LeaseRecord)
    /// Replace the lease that was read, in exactly that version.
    case replace(LeaseRecord)
    /// Another one leads.
    case wait
  }

  enum Role: Equatable {
    case following
    case leading(renewed: Instant)
  }

  private(set) var role = Role.following
  private var observed: (record: LeaseRecord, since: Instant)?
  private let identity: String
  let timing: Timing

  init(identity: String, timing: Timing) {
    self.identity = identity
    self.timing = timing
  }

  /// A lease was read (nil: there is none) at a moment of this machine's clock, `wallTime` in the words of the API.
  mutating func leaseRead(_ record: LeaseRecord?, now: Instant, wallTime: String) -> Attempt {
    guard let record else {
      observed = nil
      if isLeading { role = .following }
      return .create(mine(wallTime: wallTime, transitions: 0))
    }
    if observed?.record != record { observed = (record, now) }
    if record.holder == identity {
      var renewed = record
      renewed.renewTime = wallTime
      renewed.durationSeconds = leaseSeconds
      return .replace(renewed)
    }
    // It was taken from us: whatever we believed is over.
    if isLeading { role = .following }
    let since = observed?.since ?? now
    let isOver = record.holder.isEmpty || now - since >= .seconds(record.durationSeconds)
    return isOver ? .replace(mine(wallTime: wallTime, transitions: record.transitions + 1)) : .wait
  }

  /// `sentAt` is the moment before the request left: the lease may have begun then.
  mutating func recordWritten(_ record: LeaseRecord, sentAt: Instant) {
    role = .leading(renewed: sentAt)
    observed = (record, sentAt)
  }

  /// Time has passed. Returns whether leadership was lost by it.
  mutating func timePassed(now: Instant) -> Bool {
    guard case .leading(let renewed) = role, now - renewed >= timing.renewDeadline else { return false }
    role = .following
    return true
  }

  /// The moment at which a leader stops unless it renews before.
  var deadline: Instant? {
    guard case .leading(let renewed) = role else { return nil }
    return renewed + timing.renewDeadline
  }

  var isLeading: Bool { role != .following }

  /// The record that frees the lease, for a leader that goes in peace. Nil where this one does not lead.
  mutating func released(wallTime: String) -> LeaseRecord? {
    guard isLeading, var record = observed?.record else { return nil }
    role = .following
    record.holder = ""
    record.durationSeconds = 1
    record.renewTime = wallTime
    return record
  }

  private var leaseSeconds: Int { max(1, Int(timing.leaseDuration.components.seconds)) }

  private func mine(wallTime: String, transitions: Int) -> LeaseRecord {
    LeaseRecord(
      holder: identity, durationSeconds: leaseSeconds, renewTime: wallTime, acquireTime: wallTime,
      transitions: transitions)
  }
}
