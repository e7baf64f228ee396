import Dataflow

struct BySetModel: TriggerModel {
  var names: [String]

  func firings(_ story: [Telling]) -> [ModelFiring] {
    let present = names.compactMap { story.first($0) }
    guard present.count == names.count, let last = present.max() else { return [] }
    return [ModelFiring(at: last, objects: present)]
  }

  func held(_ story: [Telling]) -> [Int] {
    story.isClosed || !firings(story).isEmpty ? [] : names.compactMap { story.first($0) }
  }

  func isIncomplete(_ story: [Telling]) -> Bool {
    (1..<names.count).contains(names.count { story.first($0) != nil })
  }
}
