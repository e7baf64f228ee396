/// The facts of one session, as `GET …/sessions/{id}` serves them and as people are shown them.
package struct SessionDescription: Sendable, Hashable, Codable {
  package var session: String
  package var workflow: String
  package var namespace: String
  /// The pod that is its home.
  package var pod: String
  /// `Running`, `Succeeded`, `Failed`, `Stalled`, `TimedOut` or `Cancelled`.
  package var state: String
  /// Empty while it runs and when it succeeded.
  package var message: String
  package var planRevision: String
  /// RFC 3339.
  package var startedAt: String
  /// Seconds from start to end, or until now.
  package var duration: Double
  package var invocations: Int
  package var outputs: [String]
  package var timeline: [Entry]
  /// Events that the bounded timeline no longer holds.
  package var droppedEntries: Int
  /// Triggers that have not fired: what can still fire, and what could when the session ended.
  package var waiting: [Waiting]
  /// Sessions whose objects this one was given, if a trigger across sessions has begun it.
  package var causes: [String]
  /// Sessions that objects of this one went to.
  package var derived: [String]
  /// Whether everything that its engine was told is kept, to be replayed.
  package var isRecorded: Bool

  package struct Entry: Sendable, Hashable, Codable {
    /// Seconds from the session's start.
    package var at: Double
    /// `put`, `fired`, `started`, `committed`, `failed`, `retrying`, `closed`, `ended`, …
    package var event: String
    /// What it concerns, such as `count#3` or `words/part-1`.
    package var subject: String
    package var detail: String
    /// Where it happened: pod and executor, if anywhere.
    package var executor: String?

    package init(at: Double, event: String, subject: String, detail: String = "", executor: String? = nil) {
      self.at = at
      self.event = event
      self.subject = subject
      self.detail = detail
      self.executor = executor
    }
  }

  package struct Waiting: Sendable, Hashable, Codable {
    /// Bucket and trigger, such as `counts/merge-all`.
    package var trigger: String
    package var target: String
    /// What it lacks: keys, or in words.
    package var lacks: [String]
    /// Who could still supply it.
    package var producers: [String]
    /// Keys of objects that came after it had fired or given up, the first of many.
    package var ignored: [String]
    /// Objects of the session that a batch or window across sessions holds. It will fire, even if the session is over.
    package var held: Int

    package init(
      trigger: String, target: String, lacks: [String], producers: [String] = [], ignored: [String] = [], held: Int = 0
    ) {
      self.trigger = trigger
      self.target = target
      self.lacks = lacks
      self.producers = producers
      self.ignored = ignored
      self.held = held
    }
  }

  package init(
    session: String, workflow: String, namespace: String, pod: String, state: String, message: String,
    planRevision: String, startedAt: String, duration: Double, invocations: Int, outputs: [String], timeline: [Entry],
    droppedEntries: Int, waiting: [Waiting], causes: [String] = [], derived: [String] = [], isRecorded: Bool = false
  ) {
    self.session = session
    self.workflow = workflow
    self.namespace = namespace
    self.pod = pod
    self.state = state
    self.message = message
    self.planRevision = planRevision
    self.startedAt = startedAt
    self.duration = duration
    self.invocations = invocations
    self.outputs = outputs
    self.timeline = timeline
    self.droppedEntries = droppedEntries
    self.waiting = waiting
    self.causes = causes
    self.derived = derived
    self.isRecorded = isRecorded
  }
}

// What a pod with an older sidecar does not say yet is read as nothing.
extension SessionDescription {
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      session: try values.decode(String.self, forKey: .session),
      workflow: try values.decode(String.self, forKey: .workflow),
      namespace: try values.decode(String.self, forKey: .namespace), pod: try values.decode(String.self, forKey: .pod),
      state: try values.decode(String.self, forKey: .state), message: try values.decode(String.self, forKey: .message),
      planRevision: try values.decode(String.self, forKey: .planRevision),
      startedAt: try values.decode(String.self, forKey: .startedAt),
      duration: try values.decode(Double.self, forKey: .duration),
      invocations: try values.decode(Int.self, forKey: .invocations),
      outputs: try values.decode([String].self, forKey: .outputs),
      timeline: try values.decode([Entry].self, forKey: .timeline),
      droppedEntries: try values.decode(Int.self, forKey: .droppedEntries),
      waiting: try values.decode([Waiting].self, forKey: .waiting),
      causes: try values.decodeIfPresent([String].self, forKey: .causes) ?? [],
      derived: try values.decodeIfPresent([String].self, forKey: .derived) ?? [],
      isRecorded: try values.decodeIfPresent(Bool.self, forKey: .isRecorded) ?? false)
  }
}

extension SessionDescription.Waiting {
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      trigger: try values.decode(String.self, forKey: .trigger),
      target: try values.decode(String.self, forKey: .target),
      lacks: try values.decode([String].self, forKey: .lacks),
      producers: try values.decodeIfPresent([String].self, forKey: .producers) ?? [],
      ignored: try values.decodeIfPresent([String].self, forKey: .ignored) ?? [],
      held: try values.decodeIfPresent(Int.self, forKey: .held) ?? 0)
  }
}

/// One line of a list of sessions: the JSON that answers `GET …/sessions` is an array of these, newest first.
package struct SessionSummary: Sendable, Hashable, Codable {
  package var session: String
  package var state: String
  package var pod: String
  package var startedAt: String
  package var duration: Double
  package var invocations: Int

  package init(session: String, state: String, pod: String, startedAt: String, duration: Double, invocations: Int) {
    self.session = session
    self.state = state
    self.pod = pod
    self.startedAt = startedAt
    self.duration = duration
    self.invocations = invocations
  }
}
