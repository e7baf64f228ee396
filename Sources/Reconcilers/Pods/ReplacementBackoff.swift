package import FoundationEssentials

/// Slows down the replacement of pods that end by themselves, so that a pod that is evicted at once is not created
/// in a loop.
///
///     failures in a row   1    2    3    4    5   …   10 and more
///     wait before a new   1 s  2 s  4 s  8 s  16 s …  300 s
///
/// Ten minutes without a failure forget them all.
package struct ReplacementBackoff: Sendable, Hashable {
  private var failures = 0
  private var lastFailure: Date?
  private var counted: Set<String> = []

  private static let memory: TimeInterval = 600
  private static let longest: TimeInterval = 300

  package init() {}

  /// Pods were seen to have ended. Each counts once; several that end together count as one failure.
  package mutating func podsEnded(_ uids: Set<String>, now: Date) {
    if let lastFailure, now.timeIntervalSince(lastFailure) > Self.memory { failures = 0 }
    if !uids.isSubset(of: counted) {
      failures += 1
      lastFailure = now
    }
    counted = uids
  }

  /// How long no pod may be created; zero or less when one may be.
  package func wait(now: Date) -> TimeInterval {
    guard let lastFailure, failures > 0 else { return 0 }
    let wait = min(Double(1 << min(failures - 1, 12)), Self.longest)
    return lastFailure.addingTimeInterval(wait).timeIntervalSince(now)
  }
}
