import Dataflow

struct RedundantModel: TriggerModel {
  var take: Int

  func firings(_ story: [Telling]) -> [ModelFiring] {
    let first = Array(story.objects.prefix(take))
    guard first.count == take, let last = first.last else { return [] }
    return [ModelFiring(at: last, objects: first)]
  }

  func held(_ story: [Telling]) -> [Int] { story.isClosed || !firings(story).isEmpty ? [] : story.objects }

  func isIncomplete(_ story: [Telling]) -> Bool { !story.objects.isEmpty && story.objects.count < take }
}
