package import KubernetesAPI
package import Wire

/// Dead letters of one trigger that are told together.
package struct DeadLetterReport: Sendable, Hashable {
  package var workflow: ObjectKey
  package var bucket: String
  package var trigger: String
  /// Derived sessions that failed since the last report.
  package var sessions: Int
  package var objects: UInt64
  package var last: PodFrame.DeadLetter

  package var bucketKey: ObjectKey { ObjectKey(namespace: workflow.namespace, name: bucket) }

  package var message: String {
    let failed = sessions == 1 ? "a session that \(trigger) began" : "\(sessions) sessions that \(trigger) began"
    let lost = objects == 1 ? "1 object is a dead letter" : "\(objects) objects are dead letters"
    let space = workflow.namespace.map { " -n \($0)" } ?? ""
    return "\(failed) failed, so that \(lost); see pheromone explain \(workflow.name) \(last.session)\(space); "
      + "the last said: \(last.message)"
  }
}

/// Gathers dead letters into few reports: at most one in ten seconds for a bucket's trigger. Time is an input.
package struct DeadLetterOffice: Sendable {
  private struct Place: Hashable {
    var workflow: ObjectKey
    var bucket: String
    var trigger: String
  }

  private var gathered: [Place: DeadLetterReport] = [:]
  private var reported: [Place: Duration] = [:]
  private let interval: Duration
  private let capacity: Int

  package init(interval: Duration = .seconds(10), capacity: Int = 1024) {
    self.interval = interval
    self.capacity = capacity
  }

  /// Beyond the capacity a letter is only in the log and in the bucket's status, which counts its objects in any case.
  package mutating func received(_ letter: PodFrame.DeadLetter, of workflow: ObjectKey) {
    let place = Place(workflow: workflow, bucket: letter.bucket, trigger: letter.trigger)
    guard var report = gathered[place] else {
      guard gathered.count < capacity else { return }
      gathered[place] = DeadLetterReport(
        workflow: workflow, bucket: letter.bucket, trigger: letter.trigger, sessions: 1, objects: letter.objects,
        last: letter)
      return
    }
    report.sessions += 1
    report.objects = UInt64(clamping: UInt128(report.objects) + UInt128(letter.objects))
    report.last = letter
    gathered[place] = report
  }

  /// What is to be told now, sorted by bucket and trigger.
  package mutating func due(now: Duration) -> [DeadLetterReport] {
    reported = reported.filter { now - $0.value < interval }
    let places = gathered.keys.filter { reported[$0] == nil }
    return places.compactMap { place in
      reported[place] = now
      return gathered.removeValue(forKey: place)
    }.sorted { ($0.workflow, $0.bucket, $0.trigger) < ($1.workflow, $1.bucket, $1.trigger) }
  }
}
