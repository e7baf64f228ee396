import Testing

@testable import SharedMemory

@Suite struct SeparationPolicyTests {
  private static let short: Int64 = 10_000

  /// Awakes so often on the peer's processor, a microsecond apart, and answers after which ones it left.
  private static func awake(_ times: Int, _ policy: inout SeparationPolicy, now: inout Int64) -> [Int] {
    (1...times).filter { _ in
      now += 1000
      return policy.slept(Self.short, onPeersProcessor: true, now: now)
    }
  }

  /// Leaves, and meets awake so often before each of the sleeps that are the trial.
  private static func attempt(_ policy: inout SeparationPolicy, meetings: Int, now: inout Int64) {
    #expect(Self.awake(SeparationPolicy.patience, &policy, now: &now) == [SeparationPolicy.patience])
    for _ in 0..<SeparationPolicy.trial {
      for _ in 0..<meetings { policy.metAwake() }
      _ = policy.slept(Self.short, onPeersProcessor: false, now: now)
    }
  }

  @Test func `three sleeps beside the peer in a row are enough, and none elsewhere`() {
    var policy = SeparationPolicy()
    let isLeaving = (0..<20).contains { _ in policy.slept(Self.short, onPeersProcessor: false, now: 0) }
    #expect(!isLeaving)
    var now: Int64 = 0
    #expect(!policy.isApart)
    #expect(Self.awake(3, &policy, now: &now) == [3])
    #expect(policy.isApart)
  }

  @Test func `sleeps do not count together with a wait awake, one elsewhere or a long one between them`() {
    for between in 0..<3 {
      var policy = SeparationPolicy()
      var now: Int64 = 0
      for _ in 0..<10 {
        #expect(Self.awake(2, &policy, now: &now) == [])
        switch between {
        case 0: policy.metAwake()
        case 1: _ = policy.slept(Self.short, onPeersProcessor: false, now: now)
        default: _ = policy.slept(SeparationPolicy.rest, onPeersProcessor: true, now: now)
        }
      }
    }
  }

  @Test func `who is brought back meanwhile leaves again at once`() {
    var policy = SeparationPolicy()
    var now: Int64 = 0
    #expect(Self.awake(6, &policy, now: &now) == [3, 4, 5, 6])
  }

  @Test func `a long sleep and a rest end it`() {
    var policy = SeparationPolicy()
    var now: Int64 = 0
    _ = Self.awake(3, &policy, now: &now)
    let isLeaving = policy.slept(SeparationPolicy.rest, onPeersProcessor: true, now: now)
    #expect(!isLeaving && !policy.isApart)
    _ = Self.awake(3, &policy, now: &now)
    policy.rested()
    #expect(!policy.isApart)
  }

  @Test func `what pays goes on without an end`() {
    var policy = SeparationPolicy()
    var now: Int64 = 0
    Self.attempt(&policy, meetings: 2, now: &now)
    #expect(policy.isApart)
    for _ in 0..<10 * SeparationPolicy.trial {
      for _ in 0..<2 { policy.metAwake() }
      _ = policy.slept(Self.short, onPeersProcessor: false, now: now)
      #expect(policy.isApart)
    }
  }

  @Test func `what does not pay is left for a pause that doubles up to its limit, and is short again once it pays`() {
    var policy = SeparationPolicy()
    var now: Int64 = 0
    for pause: Int64 in [500_000, 1_000_000, 2_000_000, 4_000_000, 4_000_000] {
      Self.attempt(&policy, meetings: 1, now: &now)
      #expect(!policy.isApart)
      let end = now + pause
      now = end - 2000
      #expect(Self.awake(1, &policy, now: &now) == [])
      now = end
      policy.metAwake()
    }
    Self.attempt(&policy, meetings: 2, now: &now)
    policy.rested()
    Self.attempt(&policy, meetings: 0, now: &now)
    now += 500_000
    policy.metAwake()
    #expect(Self.awake(3, &policy, now: &now) == [3])
  }
}
