package import KubernetesAPI

extension SessionCounters {
  /// How sessions have ended so far, as the status of a workflow says. What is not there counts as none.
  package init(endedAsOf workflow: KubernetesObject) {
    self.init()
    func count(_ name: String) -> Int { max(0, workflow["status", "sessions", name]?.intValue ?? 0) }
    succeeded = count("succeeded")
    failed = count("failed")
    stalled = count("stalled")
    timedOut = count("timedOut")
    cancelled = count("cancelled")
  }

  /// Goes on from what was counted before: only how sessions end adds up over the lives of coordinators.
  mutating func goOn(from earlier: SessionCounters) {
    succeeded += earlier.succeeded
    failed += earlier.failed
    stalled += earlier.stalled
    timedOut += earlier.timedOut
    cancelled += earlier.cancelled
  }
}
