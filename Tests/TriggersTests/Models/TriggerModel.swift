import Dataflow

@testable import Triggers

/// What a primitive has to do, worked out by looking at a whole story at once: obvious, slow, and written apart from the
/// primitive, which sees one telling after the other.
protocol TriggerModel {
  /// All firings, in their order.
  func firings(_ story: [Telling]) -> [ModelFiring]

  /// Whether it has begun to wait and has not got what it waits for, once the story is over.
  func isIncomplete(_ story: [Telling]) -> Bool

  /// The objects, as their places, that it may still fire on, so that it needs their bytes.
  func held(_ story: [Telling]) -> [Int]
}

/// A firing: the index of the telling at which it comes, and the indices of the objects that it is given.
struct ModelFiring: Hashable, CustomStringConvertible {
  var at: Int
  var objects: [Int]

  var description: String { "at \(at) on \(objects)" }
}

extension TriggerModel {
  func isIncomplete(_ story: [Telling]) -> Bool { false }
}

extension [Telling] {
  var isClosed: Bool { first(.closed) != nil }

  /// All objects that came and are in none of the firings.
  func objects(notIn firings: [ModelFiring]) -> [Int] {
    let gone = Set(firings.flatMap(\.objects))
    return objects.filter { !gone.contains($0) }
  }
}

extension [Telling] {
  /// The objects' places in the story, in their order.
  var objects: [Int] { indices.filter { self[$0].key != nil } }

  /// Where the first object with the key is.
  func first(_ key: String) -> Int? { indices.first { self[$0].key == key } }

  func first(_ what: Telling.What, after index: Int = -1) -> Int? {
    indices.first { $0 > index && self[$0].what == what }
  }
}

/// The model of a primitive; what the tests are about is found here once a kind is added.
func model(of primitive: Primitive) -> any TriggerModel {
  switch primitive {
  case .immediate: ImmediateModel()
  case .byName(let names): ByNameModel(names: names)
  case .bySet(let names): BySetModel(names: names)
  case .byBatchSize(let batch):
    ByBatchSizeModel(
      count: batch.count,
      maxWait: batch.scope == .session ? nil : batch.maxWait.map { DurationText.parse($0) ?? .zero } ?? .seconds(60))
  case .byTime(let window):
    ByTimeModel(window: DurationText.parse(window.window) ?? .zero, fireEmpty: window.fireEmpty == true)
  case .redundant(let redundancy): RedundantModel(take: redundancy.take)
  case .dynamicJoin: DynamicJoinModel()
  case .dynamicGroup: DynamicGroupModel()
  }
}
