import Dataflow
import Testing

@testable import Triggers

@Suite("Primitives: what each says that it waits for")
struct AwaitedTests {
  private static let now = Moment(monotonic: .zero, wall: .zero)

  /// What a primitive is told, and what it says to those who ask then; nil when it will not fire any more.
  struct Case: CustomTestStringConvertible {
    var primitive: Primitive
    var told: [Telling.What]
    var says: [String]?

    var testDescription: String { "\(primitive) told \(told)" }
  }

  private static func put(_ keys: String...) -> [Telling.What] {
    keys.enumerated().map { .object(key: $1, group: nil, handle: UInt64($0 + 1)) }
  }

  private static let cases: [Case] = [
    Case(primitive: .immediate, told: put("a"), says: ["an object"]),
    Case(primitive: .byName(["a"]), told: [], says: ["an object under a"]),
    Case(
      primitive: .byName((0..<7).map { "\($0)" }), told: [], says: ["an object under one of 0, 1, 2, 3, 4 and 2 more"]),
    Case(primitive: .bySet(["a", "b"]), told: [], says: ["a", "b"]),
    Case(primitive: .bySet(["a", "b", "a"]), told: put("b"), says: ["a"]),
    Case(primitive: .bySet(["a", "b"]), told: put("a", "b"), says: nil),
    Case(primitive: .bySet(["a", "b"]), told: put("a") + [.closed], says: nil),
    Case(
      primitive: .bySet((0..<20).map { "\($0)" }), told: put("0"), says: (1...16).map { "\($0)" } + ["(3 more)"]),
    Case(primitive: .byBatchSize(.init(count: 1)), told: put("a"), says: ["an object"]),
    Case(primitive: .byBatchSize(.init(count: 3)), told: [], says: ["an object (for a batch of 3)"]),
    Case(
      primitive: .byBatchSize(.init(count: 3, scope: .session)), told: put("a", "b"),
      says: ["1 more object (in a batch, 2 of 3)"]),
    Case(primitive: .byTime(.init(window: "1500ms")), told: [], says: ["an object (for a window of 1.5s)"]),
    Case(primitive: .byTime(.init(window: "1s")), told: put("a"), says: ["the end of a window with an object"]),
    Case(
      primitive: .byTime(.init(window: "1s", fireEmpty: true)), told: [.began],
      says: ["the end of a window with nothing"]),
    Case(primitive: .redundant(.init(count: 3, take: 2)), told: [], says: ["2 objects (of 3)"]),
    Case(
      primitive: .redundant(.init(count: 3, take: 2)), told: put("a"),
      says: ["1 more object (1 of the 2 to take are there)"]),
    Case(primitive: .redundant(.init(count: 3, take: 2)), told: put("a", "b"), says: nil),
    Case(primitive: .dynamicJoin(announcedBy: ["f"]), told: put("a"), says: ["an announcement"]),
    Case(
      primitive: .dynamicJoin(announcedBy: ["f"]), told: put("a") + [.announced(["b", "a", "c"])], says: ["b", "c"]),
    Case(
      primitive: .dynamicJoin(announcedBy: ["f"]), told: put("a") + [.announced(["a"])],
      says: ["the end of its announcers"]),
    Case(
      primitive: .dynamicJoin(announcedBy: ["f"]),
      told: [.announced((0..<10_000).map { "\($0)" }), .stageEnded, .object(key: "0", group: nil, handle: 1)],
      says: (1...16).map { "\($0)" } + ["(9983 more)"]),
    Case(primitive: .dynamicJoin(announcedBy: ["f"]), told: [.announced([]), .stageEnded], says: nil),
    Case(primitive: .dynamicJoin(announcedBy: ["f"]), told: [.stageEnded], says: nil),
    Case(primitive: .dynamicGroup(sources: ["f"]), told: [], says: ["the end of its sources"]),
    Case(
      primitive: .dynamicGroup(sources: ["f"]), told: put("g:1", "h:1", "g:2"),
      says: ["the end of its sources, with 3 objects in 2 groups"]),
    Case(primitive: .dynamicGroup(sources: ["f"]), told: put("g:1") + [.stageEnded], says: nil),
  ]

  @Test("In keys or words, the first of many", arguments: cases)
  func says(example: Case) {
    var state = PrimitiveState(example.primitive, sessionTimeout: .seconds(60))
    for what in example.told { _ = state.update(Telling(what: what, at: Self.now).fact, now: Self.now) }
    #expect(state.awaited?.texts == example.says)
  }

  @Test("Each kind of primitive is among the cases")
  func complete() {
    #expect(Set(Self.cases.map { PrimitiveKind($0.primitive) }) == Set(PrimitiveKind.allCases))
  }
}
