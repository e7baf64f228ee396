import Dataflow

@testable import Triggers

/// What a session has to do, worked out from what became visible in it: each trigger's story is written down and given to the
/// primitive's own model. Closing is judged anew after every event, by following the plan from what lives.
struct SessionModel {
  /// A trigger that is evaluated in the session.
  struct Rule {
    var name: String
    var bucket: String
    var trigger: TriggerPlan
    var story: [Telling] = []
    /// The event in which each telling came.
    var events: [Int] = []
    var isStageOver = false
    /// Invocations that failed for good and whose objects it lacks.
    var lost = 0
    /// Whether an invocation failed for good that could have led to it.
    var hasFailure = false

    mutating func tell(_ what: Telling.What, _ now: Moment, in event: Int) {
      story.append(Telling(what: what, at: now))
      events.append(event)
    }
  }

  struct Firing {
    var id: String
    var rule: String
    var function: String
    var event: Int
    var handles: [UInt64]
  }

  let plan: WorkflowPlan
  let session: String
  let flow: FlowModel
  var rules: [Rule] = []
  /// The number of the event that is being looked at.
  var event = 0
  /// Firings of no trigger: the request's, and calls.
  var direct: [Firing] = []
  var handedOver: [String: [UInt64]] = [:]
  /// For each bucket which invocation put which key; -1 is the request.
  private var keys: [String: [String: Int]] = [:]
  private var closed: Set<String> = []
  /// After each event, the functions that nobody needs any more.
  var superfluous: [Set<String>] = []
  /// The event in which a failure had to end the session.
  private(set) var failedIn: Int?
  private(set) var objections: [String] = []

  init(_ plan: WorkflowPlan, session: String) {
    self.plan = plan
    self.session = session
    flow = FlowModel(plan: plan)
    for bucket in plan.buckets {
      for trigger in bucket.triggers where !trigger.primitive.isWorkflowScoped {
        rules.append(Rule(name: "\(bucket.name)/\(trigger.name)", bucket: bucket.name, trigger: trigger))
      }
    }
  }

  // MARK: - What happens

  func isTaken(_ key: String, in bucket: String, by invocation: Int) -> Bool {
    keys[bucket]?[key].map { $0 != invocation } ?? false
  }

  func has(_ key: String, in bucket: String) -> Bool { keys[bucket]?[key] != nil }

  func keys(in bucket: String) -> [String] { (keys[bucket] ?? [:]).keys.sorted() }

  mutating func became(visible put: Commit.Put, by invocation: Int, now: Moment) {
    if closed.contains(put.bucket) { objections.append("\(put) comes into a bucket that is closed") }
    keys[put.bucket, default: [:]][put.key.text] = invocation
    for index in rules.indices where rules[index].bucket == put.bucket {
      rules[index].tell(.object(key: put.key.text, group: put.group, handle: put.handle), now, in: event)
    }
    for trigger in plan.buckets.first(where: { $0.name == put.bucket })?.triggers ?? []
    where trigger.primitive.isWorkflowScoped {
      handedOver["\(put.bucket)/\(trigger.name)", default: []].append(put.handle)
    }
  }

  mutating func announced(_ announcements: [Commit.Announcement], by function: String, now: Moment) {
    for index in rules.indices {
      guard case .dynamicJoin(let announcers) = rules[index].trigger.primitive, announcers.contains(function) else {
        continue
      }
      let keys = announcements.filter { $0.bucket == rules[index].bucket }.flatMap(\.keys)
      rules[index].tell(.announced(keys), now, in: event)
    }
  }

  /// An invocation has failed for good. Objects that it had published are there all the same, or on their way.
  mutating func lost(_ function: String, _ invocation: Int) {
    let ends = flow.ends(of: function)
    guard !ends.elsewhere, !ends.redundant.isEmpty else { return failedIn = event }
    for index in rules.indices where ends.redundant.contains(rules[index].name) && !fired.contains(rules[index].name) {
      guard case .redundant(let redundancy) = rules[index].trigger.primitive else { continue }
      rules[index].hasFailure = true
      let published = keys.filter { $0.value.values.contains(invocation) }.map(\.key)
      guard !published.contains(where: { flow.ends(ofBucket: $0).contains(rules[index].name) }) else { continue }
      rules[index].lost += 1
      if redundancy.count - rules[index].lost < redundancy.take { failedIn = event }
    }
  }

  /// The event is over, closing included. `live` has for each live invocation its function, and its firing if that is new.
  mutating func eventEnded(live: [(function: String, newFiring: String?)], new: Set<String>, now: Moment) {
    let flushed = flushedInCycles(new)
    let others = flow.reach(live.filter { $0.newFiring.map(flushed.keys.contains) != true }.map(\.function))
    for rule in flushed.values {
      if others.contains("bucket \(rules[rule].bucket)") {
        objections.append("\(rules[rule].name) flushes while something can reach its bucket")
      }
      for other in flushed.values where other != rule && feeds(rule, other) && feeds(other, rule) {
        objections.append("\(rules[rule].name) and \(rules[other].name) flush at once, though each may feed the other")
      }
      rules[rule].tell(.idle, now, in: event)
    }
    let reached = flow.reach(live.map(\.function))
    for index in rules.indices {
      let sources = stage(of: rules[index].trigger.primitive)
      if !rules[index].isStageOver, !sources.isEmpty, !sources.contains(where: { reached.contains("function \($0)") }) {
        rules[index].isStageOver = true
        rules[index].tell(.stageEnded, now, in: event)
      }
    }
    for bucket in plan.buckets.map(\.name) where !reached.contains("bucket \(bucket)") && !closed.contains(bucket) {
      closed.insert(bucket)
      for index in rules.indices where rules[index].bucket == bucket {
        rules[index].tell(.idle, now, in: event)
        rules[index].tell(.closed, now, in: event)
      }
    }
    superfluous.append(flow.superfluous(fired: fired))
    for function in Set(live.map(\.function)).intersection(superfluous[event]) {
      objections.append("event \(event): \(function) lives, and nobody needs it any more")
    }
  }

  // MARK: - What follows from it

  /// All invocations that have to be made, unless nobody needs them.
  var expected: [Firing] { direct + rules.flatMap(firings) }

  /// The redundant triggers that have fired.
  private var fired: Set<String> {
    Set(
      rules.filter { rule in
        guard case .redundant(let redundancy) = rule.trigger.primitive else { return false }
        return rule.story.objects.count >= redundancy.take
      }.map(\.name))
  }

  /// How a session ends of which nothing lives any more, and that nothing has ended early.
  var outcome: SessionOutcome.State {
    if rules.contains(where: { $0.hasFailure && !fired.contains($0.name) }) { return .failed }
    let needed = rules.filter { superfluous.last?.contains($0.trigger.target) != true }
    return needed.contains { model(of: $0.trigger.primitive).isIncomplete($0.story) } ? .stalled : .succeeded
  }

  /// The objects that triggers of the session may still fire on.
  var held: Set<UInt64> {
    Set(
      rules.flatMap { rule in model(of: rule.trigger.primitive).held(rule.story).compactMap { rule.story[$0].handle } })
  }

  func firings(of rule: Rule) -> [Firing] {
    model(of: rule.trigger.primitive).firings(rule.story).map { firing in
      Firing(
        id: id(of: rule, firing.objects), rule: rule.name, function: rule.trigger.target, event: rule.events[firing.at],
        handles: firing.objects.compactMap { rule.story[$0].handle })
    }
  }

  private func id(of rule: Rule, _ objects: [Int]) -> String {
    var hash = StableHash()
    hash.update(field: rule.name)
    hash.update(field: session)
    for object in objects { hash.update(field: rule.story[object].key ?? "") }
    return hash.finish()
  }

  private func stage(of primitive: Primitive) -> [String] {
    switch primitive {
    case .dynamicJoin(let functions), .dynamicGroup(let functions): functions
    case .immediate, .byName, .bySet, .byBatchSize, .byTime, .redundant: []
    }
  }

  private func feeds(_ one: Int, _ other: Int) -> Bool {
    flow.reach([rules[one].trigger.target]).contains("bucket \(rules[other].bucket)")
  }

  /// Batches in cycles whose rest was given away in this event, by firing. Whether that was right cannot be seen from what
  /// lives afterwards, since what it fired may reach the bucket again.
  private func flushedInCycles(_ new: Set<String>) -> [String: Int] {
    var flushed: [String: Int] = [:]
    for (index, rule) in rules.enumerated() where feeds(index, index) {
      guard case .byBatchSize = rule.trigger.primitive else { continue }
      let gone = Set(model(of: rule.trigger.primitive).firings(rule.story).flatMap(\.objects))
      let rest = rule.story.objects.filter { !gone.contains($0) }
      let firing = id(of: rule, rest)
      if !rest.isEmpty, new.contains(firing) { flushed[firing] = index }
    }
    return flushed
  }
}
