import Dataflow
import Testing

@testable import Triggers

@Suite("Sessions that are over, and triggers that are: what stays in memory")
struct EndedSessionTests {
  private static let count = 10_000

  /// `a` announces keys, puts some of them, and `b` holds the session up.
  private static func session(_ primitive: Primitive, puts: Int, announces: Int) throws -> EngineBench {
    var bench = EngineBench(
      plan(
        [
          FunctionPlan(name: "a", outputs: ["x", "y"]), FunctionPlan(name: "b", outputs: ["x"]),
          FunctionPlan(name: "c", outputs: []),
        ],
        [
          "x": [TriggerPlan(name: "t", target: "c", primitive)], "y": [TriggerPlan(name: "t", target: "b", .immediate)],
        ]))
    bench.begin("a")
    let keys = (0..<max(puts, announces)).map { "held-\($0)" }
    var commit = Commit(puts: [.init(bucket: "y", key: "go", handle: bench.handle())])
    for key in keys.prefix(puts) {
      commit.puts.append(.init(bucket: "x", key: Label(key), group: key, handle: bench.handle()))
    }
    if case .dynamicJoin = primitive {
      commit.announcements = [.init(bucket: "x", keys: Array(keys.prefix(announces)))]
    }
    bench.commit(try bench.start("a"), commit)
    return bench
  }

  @Test(
    "A session that is over holds no keys but the few that people are shown",
    arguments: [
      Primitive.dynamicJoin(announcedBy: ["a"]), .dynamicGroup(sources: ["b"]),
      .bySet((0...count).map { "held-\($0)" }),
      .byBatchSize(.init(count: count + 1, scope: .session)), .redundant(.init(count: count + 1, take: count + 1)),
    ])
  func ended(primitive: Primitive) throws {
    var bench = try Self.session(primitive, puts: Self.count / 2, announces: Self.count)
    #expect(Texts("held-", in: bench.engine).count > Self.count / 2)
    bench.cancel()
    #expect(bench.ended?.state == .cancelled)
    #expect(Texts("held-", in: bench.engine).count <= 2 * SessionLog.keptAtEachEnd + Awaited.namedAtMost)
    #expect(!bench.engine.waiting.isEmpty)
    #expect(bench.violations == [])
  }

  @Test("A session that stalled holds no more of what a join lacks than it names")
  func stalled() throws {
    var bench = try Self.session(.dynamicJoin(announcedBy: ["a"]), puts: 1, announces: Self.count)
    try bench.run("b")
    #expect(bench.ended?.state == .stalled)
    #expect(bench.ended?.message.hasSuffix("and 9994 more") == true)
    #expect(bench.engine.waiting.map(\.lacks) == [(1...16).map { "held-\($0)" } + ["(9983 more)"]])
    #expect(Texts("held-", in: bench.engine).count <= 2 * SessionLog.keptAtEachEnd + Awaited.namedAtMost)
  }

  @Test("A join that has fired holds no keys while its session goes on")
  func fired() throws {
    let bench = try Self.session(.dynamicJoin(announcedBy: ["a"]), puts: Self.count, announces: Self.count)
    #expect(bench.queuedNames.contains("c") && bench.ended == nil)
    #expect(Texts("held-", in: bench.engine.triggers).count == 0)
  }
}
