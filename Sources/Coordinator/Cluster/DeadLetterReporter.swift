package import ControllerRuntime
package import KubernetesAPI

/// Writes dead letters as Events of their Bucket, where `kubectl describe bucket` shows them.
package struct DeadLetterReporter: Sendable {
  private let broker: SessionBroker
  private let events: EventRecorder
  private let bucket: @Sendable (ObjectKey) -> KubernetesObject?

  package init(
    broker: SessionBroker, events: EventRecorder, bucket: @escaping @Sendable (ObjectKey) -> KubernetesObject?
  ) {
    self.broker = broker
    self.events = events
    self.bucket = bucket
  }

  /// Runs until it is cancelled.
  package func run() async throws {
    while true {
      await report()
      try await Task.sleep(for: .milliseconds(500))
    }
  }

  /// Writes what is due. A bucket that was deleted in the meantime needs no Event any more.
  package func report() async {
    for report in broker.deadLettersDue() {
      guard let bucket = bucket(report.bucketKey) else { continue }
      await events.record(
        .warning, reason: "DeadLetters", message: report.message, regarding: bucket, action: "RunDerivedSession")
    }
  }
}
