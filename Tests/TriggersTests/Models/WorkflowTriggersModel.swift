import Dataflow

@testable import Triggers

/// What triggers across sessions have to do: each version of a trigger has a story, which is given to its primitive's model
/// after every telling. A version that is not in force is forgotten once all its objects have gone. After a drain none is in
/// force any more, whatever plans come.
struct WorkflowTriggersModel {
  struct Version: Hashable {
    var bucket: String
    var trigger: TriggerPlan
  }

  struct Firing: Hashable {
    var trigger: String
    var handles: [UInt64]
  }

  private(set) var stories: [Version: [Telling]] = [:]
  private var inForce: Set<Version> = []
  private(set) var isDrained = false

  var heldCount: Int {
    stories.reduce(0) { sum, entry in
      let gone = model(of: entry.key.trigger.primitive).firings(entry.value).reduce(0) { $0 + $1.objects.count }
      return sum + entry.value.objects.count - gone
    }
  }

  mutating func applied(_ plan: WorkflowPlan, now: Moment) -> [Firing] {
    let versions = Set(
      plan.buckets.flatMap { bucket in
        bucket.triggers.filter(\.primitive.isWorkflowScoped).map { Version(bucket: bucket.name, trigger: $0) }
      })
    inForce = isDrained ? [] : versions
    var firings: [Firing] = []
    for version in stories.keys where !versions.contains(version) { firings += tell(version, .idle, now) }
    for version in inForce where stories[version] == nil { firings += tell(version, .began, now) }
    return firings
  }

  mutating func arrived(_ handle: UInt64, at version: Version, now: Moment) -> [Firing] {
    tell(version, .object(key: "key", group: nil, handle: handle), now)
  }

  mutating func drained(now: Moment) -> [Firing] {
    isDrained = true
    inForce = []
    return all(.idle, now: now)
  }

  mutating func all(_ what: Telling.What, now: Moment) -> [Firing] {
    stories.keys.flatMap { tell($0, what, now) }
  }

  private mutating func tell(_ version: Version, _ what: Telling.What, _ now: Moment) -> [Firing] {
    var story = stories[version] ?? []
    story.append(Telling(what: what, at: now))
    let firings = model(of: version.trigger.primitive).firings(story)
    stories[version] = story
    let isEmpty = firings.reduce(0) { $0 + $1.objects.count } == story.objects.count
    if isEmpty, !inForce.contains(version) { stories[version] = nil }
    return firings.filter { $0.at == story.count - 1 }.map { firing in
      Firing(
        trigger: "\(version.bucket)/\(version.trigger.name)", handles: firing.objects.compactMap { story[$0].handle })
    }
  }
}
