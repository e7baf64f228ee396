import Dataflow

/// A window opens with the first object that is in none, or with `fireEmpty` also at the beginning and where the one before
/// ended. It is over at the next multiple of its length on the wall clock, or after its length on the other one, and ends
/// with the first object or timer after that; an object that ends it is not in it. An idle bucket ends it early.
struct ByTimeModel: TriggerModel {
  var window: Duration
  var fireEmpty: Bool

  func firings(_ story: [Telling]) -> [ModelFiring] {
    var firings: [ModelFiring] = []
    var rest = story.objects[...]
    var next = fireEmpty ? 0 : rest.first
    while let opened = next {
      guard let end = end(of: opened, in: story) else { break }
      let members = rest.prefix { $0 < end }
      rest = rest.dropFirst(members.count)
      let isIdle = story[end].what == .idle
      if !members.isEmpty || (fireEmpty && !isIdle) { firings.append(ModelFiring(at: end, objects: Array(members))) }
      next = fireEmpty && !isIdle ? end : rest.first
    }
    return firings
  }

  func held(_ story: [Telling]) -> [Int] { story.isClosed ? [] : story.objects(notIn: firings(story)) }

  private func end(of opened: Int, in story: [Telling]) -> Int? {
    let start = story[opened].at
    // From some windows before the start, whatever its sign, to the first end after it.
    var wallEnd = window * (Int(start.wall / window) - 2)
    while wallEnd <= start.wall { wallEnd += window }
    return story.indices.first { index in
      guard index > opened else { return false }
      switch story[index].what {
      case .idle: return true
      case .object, .timeCame:
        return story[index].at.wall >= wallEnd || story[index].at.monotonic - start.monotonic >= window
      case .began, .announced, .stageEnded, .closed: return false
      }
    }
  }
}
