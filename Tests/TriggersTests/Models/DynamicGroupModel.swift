import Dataflow

/// What came before the stage was over, by group. Both orders are those of the bytes.
struct DynamicGroupModel: TriggerModel {
  func firings(_ story: [Telling]) -> [ModelFiring] {
    guard let end = story.first(.stageEnded) ?? story.first(.closed) else { return [] }
    let members = story.objects.filter { $0 < end }
    let names = members.map { group(of: story[$0]) }
    let groups = names.enumerated().filter { names.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    return groups.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map { group in
      ModelFiring(
        at: end,
        objects: members.filter { self.group(of: story[$0]) == group }.sorted {
          Array((story[$0].key ?? "").utf8).lexicographicallyPrecedes(Array((story[$1].key ?? "").utf8))
        })
    }
  }

  func held(_ story: [Telling]) -> [Int] {
    story.isClosed || story.first(.stageEnded) != nil ? [] : story.objects
  }

  private func group(of telling: Telling) -> String {
    guard case .object(let key, let group, _) = telling.what else { return "" }
    return group ?? String(decoding: key.utf8.prefix { $0 != 0x3A }, as: UTF8.self)
  }
}
