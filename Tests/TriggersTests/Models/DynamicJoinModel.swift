import Dataflow

/// What is announced before the stage is over counts, each key once; if nothing was, not even an empty list, it never fires.
struct DynamicJoinModel: TriggerModel {
  func firings(_ story: [Telling]) -> [ModelFiring] {
    guard let stageEnd = story.first(.stageEnded), let keys = announced(story) else { return [] }
    let present = keys.compactMap { story.first($0) }
    guard present.count == keys.count else { return [] }
    return [ModelFiring(at: ([stageEnd] + present).max() ?? stageEnd, objects: present)]
  }

  /// Once the stage is over, what was not announced is needed no more.
  func held(_ story: [Telling]) -> [Int] {
    if story.isClosed || !firings(story).isEmpty { return [] }
    let first = story.objects.filter { story.first(story[$0].key ?? "") == $0 }
    guard story.first(.stageEnded) != nil else { return first }
    return first.filter { announced(story)?.contains(story[$0].key ?? "") == true }
  }

  func isIncomplete(_ story: [Telling]) -> Bool {
    guard let keys = announced(story) else { return false }
    return keys.contains { story.first($0) == nil }
  }

  private func announced(_ story: [Telling]) -> [String]? {
    let stageEnd = story.first(.stageEnded) ?? story.endIndex
    let lists = story[..<stageEnd].compactMap { telling -> [String]? in
      if case .announced(let keys) = telling.what { keys } else { nil }
    }
    guard !lists.isEmpty else { return nil }
    return lists.joined().reduce(into: []) { keys, key in if !keys.contains(key) { keys.append(key) } }
  }
}
