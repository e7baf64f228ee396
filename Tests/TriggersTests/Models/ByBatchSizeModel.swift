import Dataflow

/// A batch begins with the first object that is in no batch yet. It goes when it is full, when the bucket is idle, or when the
/// time comes and its first object has waited long enough: whichever is first.
struct ByBatchSizeModel: TriggerModel {
  var count: Int
  var maxWait: Duration?

  func firings(_ story: [Telling]) -> [ModelFiring] {
    var firings: [ModelFiring] = []
    var rest = story.objects[...]
    while let first = rest.first {
      let full = rest.dropFirst(count - 1).first
      let idle = story.first(.idle, after: first)
      let waited = story.indices.first { index in
        guard let maxWait, index > first, story[index].what == .timeCame else { return false }
        return story[index].at.monotonic - story[first].at.monotonic >= maxWait
      }
      guard let end = [full, idle, waited].compactMap(\.self).min() else { break }
      firings.append(ModelFiring(at: end, objects: Array(rest.prefix { $0 <= end })))
      rest = rest.drop { $0 <= end }
    }
    return firings
  }

  func held(_ story: [Telling]) -> [Int] { story.isClosed ? [] : story.objects(notIn: firings(story)) }
}
