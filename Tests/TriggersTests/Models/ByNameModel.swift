import Dataflow

struct ByNameModel: TriggerModel {
  var names: [String]

  func firings(_ story: [Telling]) -> [ModelFiring] {
    story.objects.filter { index in names.contains { $0 == story[index].key } }
      .map { ModelFiring(at: $0, objects: [$0]) }
  }

  func held(_ story: [Telling]) -> [Int] { [] }
}
