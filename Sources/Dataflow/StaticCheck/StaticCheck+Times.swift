// Times of which one is over before another has come, so that this one has no effect. Warnings, since nothing goes wrong.
extension StaticCheck {
  /// After how long something is ended, and which field says so.
  private struct Limit {
    var field: String
    var text: String
    var duration: Duration
  }

  /// A trigger that asks for second attempts of a function.
  private struct Watch {
    var bucket: String
    var index: Int
    var trigger: String
    var recovery: TriggerSpec.Recovery
    var pause: Duration

    var field: String { "spec.triggers[\(index)].recovery" }
  }

  mutating func checkTimes() {
    guard let spec, let duration = DurationText.parse(spec.sessionTimeout) else { return }
    let session = Limit(field: "spec.sessionTimeout", text: spec.sessionTimeout, duration: duration)
    var limits: [String: Limit] = [:]
    for (index, function) in functions.enumerated() where !doubts.functions.contains(index) {
      guard let text = function.timeout, let timeout = DurationText.parse(text) else { continue }
      let own = Limit(field: "spec.functions[\(index)].timeout", text: text, duration: timeout)
      limits[function.name] = timeout < session.duration ? own : session
      guard timeout > session.duration else { continue }
      report(
        own.field,
        "\"\(function.name)\" is never ended after \(text): its session is over after \(session.text) (\(session.field))",
        "write a shorter time, or raise spec.sessionTimeout", severity: .warning)
    }
    for watch in watches {
      let limit = limits[watch.recovery.source] ?? session
      guard watch.pause >= limit.duration else { continue }
      report(
        "\(watch.field).timeout", bucket: watch.bucket,
        "a second attempt of \"\(watch.recovery.source)\" is never started after \(watch.recovery.timeout): the first one "
          + "is ended after \(limit.text) (\(limit.field))", "write a shorter time, or remove the recovery",
        severity: .warning)
    }
    checkRivals()
  }

  /// Of all triggers that watch over one function, the most impatient is the one that counts.
  private mutating func checkRivals() {
    for (source, rivals) in Dictionary(grouping: watches, by: \.recovery.source).sorted(by: { $0.key < $1.key }) {
      guard let first = rivals.min(by: { $0.pause < $1.pause }) else { continue }
      for rival in rivals where (rival.bucket, rival.index) != (first.bucket, first.index) {
        report(
          rival.field, bucket: rival.bucket,
          "it has no effect: \(first.bucket)/\(first.trigger) asks for a second attempt of \"\(source)\" after "
            + "\(first.recovery.timeout), and the shortest time counts", "remove one of them", severity: .warning)
      }
    }
  }

  private var watches: [Watch] {
    buckets.flatMap { bucket in
      bucket.spec.triggers.enumerated().compactMap { index, trigger in
        guard !doubts.contain(trigger: index, of: bucket.name), let recovery = trigger.recovery,
          let pause = DurationText.parse(recovery.timeout)
        else { return nil }
        return Watch(bucket: bucket.name, index: index, trigger: trigger.name, recovery: recovery, pause: pause)
      }
    }
  }
}
