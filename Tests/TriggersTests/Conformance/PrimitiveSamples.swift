import Dataflow

/// One place that knows all primitives. A new case of `Primitive` does not compile here before it has a kind, samples and a
/// model; with them it is in all the tests.
enum PrimitiveKind: CaseIterable {
  case immediate, byName, bySet, byBatchSize, byTime, redundant, dynamicJoin, dynamicGroup

  init(_ primitive: Primitive) {
    switch primitive {
    case .immediate: self = .immediate
    case .byName: self = .byName
    case .bySet: self = .bySet
    case .byBatchSize: self = .byBatchSize
    case .byTime: self = .byTime
    case .redundant: self = .redundant
    case .dynamicJoin: self = .dynamicJoin
    case .dynamicGroup: self = .dynamicGroup
    }
  }

  /// Settings that differ in what they do, extreme ones included.
  var samples: [Primitive] {
    switch self {
    case .immediate: [.immediate]
    case .byName: [.byName(["green"]), .byName(["red", "", "a|b", "h:\u{0}"])]
    case .bySet: [.bySet(["green"]), .bySet(["yellow", "red", "green"]), .bySet(["a|b", "", "\u{E9}:x"])]
    case .byBatchSize:
      [
        .byBatchSize(.init(count: 1, scope: .session)), .byBatchSize(.init(count: 3, scope: .session)),
        .byBatchSize(.init(count: 2_147_483_647, scope: .session)), .byBatchSize(.init(count: 3, maxWait: "2s")),
        .byBatchSize(.init(count: 1, maxWait: "1ms")), .byBatchSize(.init(count: 2_147_483_647)),
      ]
    case .byTime:
      [
        .byTime(.init(window: "1s")), .byTime(.init(window: "1500ms", fireEmpty: true)), .byTime(.init(window: "1ms")),
        .byTime(.init(window: "240h", fireEmpty: true)),
      ]
    case .redundant:
      [
        .redundant(.init(count: 1, take: 1)), .redundant(.init(count: 3, take: 2)),
        .redundant(.init(count: 2_147_483_647, take: 2_147_483_647)),
      ]
    case .dynamicJoin: [.dynamicJoin(announcedBy: ["a"])]
    case .dynamicGroup: [.dynamicGroup(sources: ["a"])]
    }
  }

  static var allSamples: [Primitive] { allCases.flatMap(\.samples) }
}
