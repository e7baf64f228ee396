import Dataflow

/// Sessions to be shown.
enum SessionFixture {
  /// A map-reduce whose third part is still being counted.
  static let running = SessionDescription(
    session: "k3v", workflow: "wordcount", namespace: "default", pod: "wordcount-7f9c", state: "Running", message: "",
    planRevision: "5f3a", startedAt: "2026-01-01T00:00:00.000Z", duration: 1.25, invocations: 4, outputs: [],
    timeline: [
      .init(at: 0, event: "requested", subject: "split"),
      .init(at: 0.001, event: "started", subject: "split#1", detail: "attempt 1", executor: "wordcount-7f9c/app-0"),
      .init(at: 0.01, event: "put", subject: "words/part-1", detail: "by split#1"),
      .init(at: 0.01, event: "put", subject: "words/part-2", detail: "by split#1"),
      .init(at: 0.01, event: "put", subject: "words/part-3", detail: "by split#1"),
      .init(at: 0.01, event: "put", subject: "words/part-4", detail: "by split#1"),
      .init(at: 0.01, event: "announced", subject: "counts", detail: "4 keys by split#1"),
      .init(at: 0.01, event: "committed", subject: "split#1", detail: "4 put, 0 output"),
      .init(at: 0.01, event: "fired", subject: "words/each", detail: "count on 1 object"),
      .init(at: 0.01, event: "fired", subject: "words/each", detail: "count on 1 object"),
      .init(at: 0.05, event: "started", subject: "count#3", detail: "attempt 1", executor: "wordcount-7f9c/app-1"),
      .init(at: 0.06, event: "failed", subject: "count#2", detail: "attempt 1: it broke"),
    ], droppedEntries: 0,
    waiting: [
      .init(
        trigger: "counts/merge-all", target: "merge", lacks: ["part-3"],
        producers: ["count#3 is running on wordcount-7f9c/app-1"])
    ])

  /// A derived session that stalled, with all that a description can hold.
  static let stalled: SessionDescription = {
    var session = running
    session.state = "Stalled"
    session.message = "counts/merge-all lacks part-3"
    session.duration = 75
    session.outputs = ["", "side"]
    session.timeline = [.init(at: 0.2, event: "committed", subject: "merge#1", detail: "0 put, 2 output")]
    session.droppedEntries = 7
    session.waiting = [
      .init(trigger: "counts/merge-all", target: "merge", lacks: ["part-3", "part-4"]),
      .init(trigger: "words/first", target: "pick", lacks: [], ignored: ["late-1", "late-2"]),
    ]
    session.causes = ["s1", "s2"]
    session.derived = ["d1"]
    session.isRecorded = true
    return session
  }()

  static let nasty = "a\n\u{1b}[31m;#%%\"<b>end\u{202e}`|: --> x\0"

  /// Every text that comes from outside is one that could break a terminal or a diagram.
  static let hostile: SessionDescription = {
    var session = running
    session.session = nasty
    session.workflow = nasty
    session.message = nasty
    session.timeline = ["requested", "put", "announced", "fired", "committed", "called", "ignored", nasty].map {
      .init(at: 0, event: $0, subject: "\(nasty)/\(nasty)", detail: "\(nasty) on 2 by \(nasty)", executor: nasty)
    }
    session.waiting = [
      .init(trigger: nasty, target: nasty, lacks: [nasty, ""], producers: [nasty], ignored: [nasty])
    ]
    session.causes = [nasty]
    return session
  }()
}
