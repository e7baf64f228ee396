import Dataflow
import Wire

/// What the triggers across sessions have been given, and what of it they have passed on. An object goes into exactly one
/// derived session, together with those that came just before and after it.
struct GatheringModel {
  struct Version: Hashable {
    var bucket: String
    var trigger: TriggerPlan
  }

  struct Entry {
    var session: String
    var object: SessionModel.Object
    var at: Duration
    var isTaken = false
  }

  private var entries: [Version: [Entry]] = [:]
  /// Objects that went into derived sessions of which nothing was ever run, by bucket and trigger.
  private var lost: [String: UInt64] = [:]

  mutating func add(_ object: SessionModel.Object, to version: Version, of session: String, at now: Duration) {
    entries[version, default: []].append(Entry(session: session, object: object, at: now))
  }

  /// The session did not come to be after all.
  mutating func takeBack(_ session: String) {
    for version in entries.keys { entries[version]?.removeAll { $0.session == session } }
  }

  mutating func lose(_ letter: PodFrame.DeadLetter) {
    lost["\(letter.bucket)/\(letter.trigger)", default: 0] += letter.objects
  }

  /// The objects that a derived session begins with, if it may begin with them now.
  /// `marks` has what was written last at each place.
  mutating func take(_ invoke: SidecarFrame.Invoke, marks: [ObjectLocation: UInt64]) -> [SessionModel.Object]? {
    for (version, list) in entries.sorted(by: { "\($0.key)" < "\($1.key)" })
    where version.trigger.target == invoke.function && version.bucket == invoke.inputs.first?.bucket {
      let starts = list.indices.filter { start in
        start + invoke.inputs.count <= list.count
          && zip(list[start...], invoke.inputs).allSatisfy { Self.matches($0, $1, marks) }
      }
      for start in starts {
        let range = start..<start + invoke.inputs.count
        guard Self.mayFire(version.trigger, Array(list[range])) else { continue }
        for index in range { entries[version]?[index].isTaken = true }
        return list[range].map(\.object)
      }
    }
    return nil
  }

  private static func matches(
    _ entry: Entry, _ input: SidecarFrame.Input, _ marks: [ObjectLocation: UInt64]
  ) -> Bool {
    guard !entry.isTaken, entry.object.key == input.key, entry.object.group == input.group else { return false }
    guard entry.object.size == Int(input.location.length) else { return false }
    return entry.object.size == 0 || marks[input.location] == entry.object.mark
  }

  private static func mayFire(_ trigger: TriggerPlan, _ list: [Entry]) -> Bool {
    guard let first = list.first, let last = list.last else { return true }
    switch trigger.primitive {
    case .byBatchSize(let batch): return list.count <= batch.count
    case .byTime(let window): return last.at - first.at < DurationText.parse(window.window) ?? .zero
    default: return false
    }
  }

  /// What is wrong when all is over.
  var objection: String? {
    var left: [String: UInt64] = [:]
    for (version, list) in entries {
      left["\(version.bucket)/\(version.trigger.name)", default: 0] += UInt64(list.count { !$0.isTaken })
    }
    for (trigger, count) in left.sorted(by: { $0.key < $1.key }) where count != lost[trigger] ?? 0 {
      return "\(count) objects of \(trigger) went into no derived session, and \(lost[trigger] ?? 0) are dead letters"
    }
    return nil
  }
}
