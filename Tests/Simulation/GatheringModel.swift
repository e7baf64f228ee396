import Dataflow
import ExecutorPod
import Wire

/// What the triggers across sessions have been given, and what of it they have passed on. An object goes into exactly one
/// derived session, together with those that came just before and after it, and no later than its trigger says.
struct GatheringModel {
  struct Version: Hashable {
    var bucket: String
    var trigger: TriggerPlan
    /// How long a batch waits that says nothing of it.
    var sessionTimeout: Duration
  }

  struct Entry {
    var session: String
    var object: SessionModel.Object
    var at: Moment
    var isTaken = false
    /// Its session failed while the commit that it belongs to became visible, and may not have come as far as this.
    var isDoubtful = false
  }

  /// A moment at which all that is held had to go.
  private struct Flush {
    var count: Int
    var at: Duration
  }

  private struct Story {
    var entries: [Entry] = []
    var flushes: [Flush] = []
  }

  private var stories: [Version: Story] = [:]
  /// Objects that went into derived sessions of which nothing was ever run, by bucket and trigger.
  private var lost: [String: Int] = [:]
  private var lostSessions: Set<String> = []
  private var drainsSince: Duration?
  /// The wall clock has been set, so that where a window began without an object is unknown.
  var hasJumped = false

  mutating func add(_ object: SessionModel.Object, to version: Version, of session: String, at now: Moment) {
    stories[version, default: Story()].entries.append(Entry(session: session, object: object, at: now))
  }

  /// The session did not come to be after all.
  mutating func takeBack(_ session: String) {
    for version in stories.keys { stories[version]?.entries.removeAll { $0.session == session } }
  }

  /// The session has just failed because it may not go on. What it put last may not have come to a trigger any more.
  mutating func doubt(_ session: String, at now: Moment) {
    for (version, story) in stories {
      for (index, entry) in story.entries.enumerated() where entry.session == session && entry.at == now {
        stories[version]?.entries[index].isDoubtful = !entry.isTaken
      }
    }
  }

  /// A derived session is over of which nothing was ever run.
  mutating func lose(_ session: String, from origin: PodSession.Origin) {
    guard lostSessions.insert(session).inserted else { return }
    lost["\(origin.bucket)/\(origin.trigger)", default: 0] += origin.objects
  }

  // MARK: - What has to go

  /// New sessions run by the plan: what it does not have as it was goes.
  mutating func apply(_ plan: WorkflowPlan, at now: Moment) {
    for version in stories.keys {
      let bucket = plan.buckets.first { $0.name == version.bucket }
      if bucket?.triggers.contains(version.trigger) != true { flush(version, at: now) }
    }
  }

  mutating func drain(at now: Moment) {
    guard drainsSince == nil else { return }
    drainsSince = now.monotonic
    for version in stories.keys { flush(version, at: now) }
  }

  private mutating func flush(_ version: Version, at now: Moment) {
    guard let count = stories[version]?.entries.count else { return }
    stories[version]?.flushes.append(Flush(count: count, at: now.monotonic))
  }

  /// Everything that is held would have to go after so long without another object.
  var longestWait: Duration { stories.keys.map(Self.patience).max() ?? .zero }

  /// What a trigger holds although its time has come, given how many objects each one holds by bucket and trigger.
  func overdue(_ held: [String: Int], at now: Moment) -> String? {
    var young: [String: Int] = [:]
    for (version, story) in stories {
      let flushed = story.flushes.map(\.count).max() ?? 0
      young[Self.name(version), default: 0] += story.entries.enumerated().count { index, entry in
        index >= flushed && !entry.isTaken && now.monotonic - entry.at.monotonic < Self.patience(version)
      }
    }
    for (trigger, count) in held.sorted(by: { $0.key < $1.key }) where count > young[trigger] ?? 0 {
      return "\(trigger) holds \(count) objects, and the time has come for all but \(young[trigger] ?? 0) of them"
    }
    return nil
  }

  private static func name(_ version: Version) -> String { "\(version.bucket)/\(version.trigger.name)" }

  /// How long an object may be held.
  private static func patience(_ version: Version) -> Duration {
    switch version.trigger.primitive {
    case .byBatchSize(let batch): batch.maxWait.flatMap(DurationText.parse) ?? version.sessionTimeout
    case .byTime(let window): DurationText.parse(window.window) ?? .zero
    default: .zero
    }
  }

  // MARK: - What goes

  /// The objects that a derived session begins with, if it may have begun with them at its start.
  /// `marks` has what was written last at each place.
  mutating func take(
    _ invoke: SidecarFrame.Invoke, startedAt: Moment, marks: [ObjectLocation: UInt64]
  ) -> [SessionModel.Object]? {
    for (version, story) in stories.sorted(by: { "\($0.key)" < "\($1.key)" })
    where version.trigger.target == invoke.function && version.bucket == invoke.inputs.first?.bucket {
      for start in story.entries.indices {
        guard let members = Self.members(story.entries, from: start, invoke.inputs, marks),
          mayFire(version, story, members, at: startedAt)
        else { continue }
        for index in members { stories[version]?.entries[index].isTaken = true }
        return members.map { story.entries[$0].object }
      }
    }
    return nil
  }

  /// The entries that the inputs are, one after the other, if they begin with this one.
  private static func members(
    _ entries: [Entry], from start: Int, _ inputs: [SidecarFrame.Input], _ marks: [ObjectLocation: UInt64]
  ) -> [Int]? {
    var members: [Int] = []
    for index in start..<entries.count where members.count < inputs.count {
      if matches(entries[index], inputs[members.count], marks) {
        members.append(index)
      } else if members.isEmpty || !entries[index].isDoubtful {
        return nil
      }
    }
    return members.count == inputs.count ? members : nil
  }

  private static func matches(
    _ entry: Entry, _ input: SidecarFrame.Input, _ marks: [ObjectLocation: UInt64]
  ) -> Bool {
    guard !entry.isTaken, entry.object.key == input.key.text, entry.object.group == input.group else { return false }
    guard entry.object.size == Int(input.location.length) else { return false }
    return entry.object.size == 0 || marks[input.location] == entry.object.mark
  }

  private func mayFire(_ version: Version, _ story: Story, _ members: [Int], at now: Moment) -> Bool {
    guard let start = members.first, let end = members.last else { return false }
    let (first, last) = (story.entries[start].at, story.entries[end].at)
    if case .byBatchSize(let batch) = version.trigger.primitive {
      if members.count == batch.count { return true }
      guard members.count < batch.count else { return false }
    } else if last.monotonic - first.monotonic >= Self.patience(version) {
      return false
    }
    // What goes before it is full takes all that is there.
    let rest = story.entries.indices.dropFirst(end + 1)
    if let next = rest.first(where: { !story.entries[$0].isDoubtful }),
      story.entries[next].at.monotonic < now.monotonic
    {
      return false
    }
    if let drainsSince, now.monotonic >= drainsSince { return true }
    let isFlushed = story.flushes.contains { flush in
      flush.at == now.monotonic && flush.count > end
        && rest.prefix { $0 < flush.count }.allSatisfy {
          story.entries[$0].isDoubtful
        }
    }
    if isFlushed { return true }
    return isDue(version, first, last, at: now)
  }

  private func isDue(_ version: Version, _ first: Moment, _ last: Moment, at now: Moment) -> Bool {
    let patience = Self.patience(version)
    if now.monotonic - first.monotonic >= patience { return true }
    guard case .byTime(let window) = version.trigger.primitive else { return false }
    // The clock has gone past a multiple of the window, after which another one is open. One that fires empty may have been
    // opened long before the first object came, by a clock that was set back since.
    if window.fireEmpty == true, hasJumped { return true }
    let opened = window.fireEmpty == true ? last : first
    return Self.number(of: patience, at: now.wall) > Self.number(of: patience, at: opened.wall)
  }

  /// Windows are counted from the epoch. No run goes back behind it.
  private static func number(of window: Duration, at wall: Duration) -> Int64 {
    wall.wholeNanoseconds / max(1, window.wholeNanoseconds)
  }

  /// What is wrong when all is over.
  var objection: String? {
    var left: [String: ClosedRange<Int>] = [:]
    for (version, story) in stories {
      let open = story.entries.filter { !$0.isTaken }
      let (least, before) = (open.count { !$0.isDoubtful }, left[Self.name(version)] ?? 0...0)
      left[Self.name(version)] = before.lowerBound + least...before.upperBound + open.count
    }
    for (trigger, count) in left.sorted(by: { $0.key < $1.key }) where !count.contains(lost[trigger] ?? 0) {
      return "\(count) objects of \(trigger) went into no derived session that ran, and \(lost[trigger] ?? 0) to others"
    }
    return nil
  }
}
