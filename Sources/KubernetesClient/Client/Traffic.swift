import Synchronization
package import Telemetry

/// How many requests a client has sent, by method and by what came of them, and how long it has held them back itself.
package final class Traffic: Sendable {
  private struct Kind: Hashable {
    var method: String
    /// The status; nil when no answer came.
    var status: Int?
  }

  private let counts = Mutex<[Kind: UInt64]>([:])
  private let pauses = Mutex(Histogram.slow)

  package init() {}

  func count(_ method: String, status: Int?) {
    counts.withLock { $0[Kind(method: method, status: status), default: 0] += 1 }
  }

  func waited(_ duration: Duration) { pauses.withLock { $0.observe(duration) } }

  /// How long requests were held back by the client's own rate before they were sent, in seconds; most of them not at all.
  package var waits: Histogram { pauses.withLock { $0 } }

  /// With the labels `method` and `code`, which is `none` when no answer came.
  package var samples: [MetricSample] {
    counts.withLock { $0 }.map { kind, count in
      MetricSample(
        count, [MetricLabel("method", kind.method), MetricLabel("code", kind.status.map { "\($0)" } ?? "none")])
    }.sorted { $0.description < $1.description }
  }
}
