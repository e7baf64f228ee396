import Dataflow

struct ImmediateModel: TriggerModel {
  func firings(_ story: [Telling]) -> [ModelFiring] { story.objects.map { ModelFiring(at: $0, objects: [$0]) } }

  func held(_ story: [Telling]) -> [Int] { [] }
}
