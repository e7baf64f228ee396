import Dataflow
import Testing

@testable import Triggers

@Suite("Redundancy: streams that fail, and whether k can still arrive")
struct RedundantLossTests {
  /// `a` starts three `f`, which stream; two of three objects are enough for `c`. What `f` puts into `z` is one of them, and
  /// what it puts into `y` becomes one by way of `g`.
  private static func begun() throws -> EngineBench {
    var bench = EngineBench(
      plan(
        [
          FunctionPlan(name: "a", outputs: ["x"]),
          FunctionPlan(name: "f", outputs: ["y", "z"], publish: .immediately),
          FunctionPlan(name: "g", outputs: ["z"]), FunctionPlan(name: "c", outputs: []),
        ],
        [
          "x": [TriggerPlan(name: "t", target: "f", .immediate)],
          "y": [TriggerPlan(name: "t", target: "g", .byName(["way"]))],
          "z": [TriggerPlan(name: "t", target: "c", .redundant(.init(count: 3, take: 2)))],
        ]))
    bench.begin("a")
    try bench.run("a", puts: (0..<3).map { ("x", "\($0)") })
    return bench
  }

  @Test("An object that was published before its stream failed is there, and counts")
  func published() throws {
    var bench = try Self.begun()
    let first = try bench.start("f")
    bench.publish(first, "z", "1")
    bench.fail(first, isRetryable: false)
    bench.fail(try bench.start("f"), isRetryable: false)
    #expect(bench.ended == nil)
    let third = try bench.start("f")
    bench.publish(third, "z", "3")
    #expect(bench.queued.map { $0.inputs.map(\.key) } == [["1", "3"]])
    try bench.run("c")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }

  @Test("So does one that is still on its way through another function, unless that fails too")
  func onItsWay() throws {
    var bench = try Self.begun()
    let first = try bench.start("f")
    bench.publish(first, "y", "way")
    bench.fail(first, isRetryable: false)
    bench.fail(try bench.start("f"), isRetryable: false)
    #expect(bench.ended == nil)
    var unlucky = bench
    try bench.run("g", puts: [("z", "1")])
    bench.publish(try bench.start("f"), "z", "3")
    #expect(bench.queuedNames == ["c"])
    unlucky.fail(try unlucky.start("g"), isRetryable: false)
    #expect(unlucky.ended?.message.hasPrefix("z/t takes 2 of 3, and at most 1 can still come; g#0 failed") == true)
    #expect(bench.violations + unlucky.violations == [])
  }

  @Test("A stream that published what led nowhere fails its session all the same, once too few have come")
  func ledNowhere() throws {
    var bench = try Self.begun()
    let first = try bench.start("f")
    bench.publish(first, "y", "elsewhere")
    bench.fail(first, isRetryable: false)
    try bench.run("f")
    try bench.run("f")
    #expect(bench.ended?.state == .failed)
    #expect(bench.ended?.message.hasPrefix("z/t can not fire any more; f#0 failed in its only attempt") == true)
    #expect(bench.violations == [])
  }

  @Test("Those that published nothing are too many at the second, as before")
  func nothing() throws {
    var bench = try Self.begun()
    bench.fail(try bench.start("f"), isRetryable: false)
    #expect(bench.ended == nil)
    bench.fail(try bench.start("f"), isRetryable: false)
    #expect(bench.ended?.message.hasPrefix("z/t takes 2 of 3, and at most 1 can still come") == true)
  }

  @Test("What a redundant trigger has done without may stay half done")
  func halfDone() throws {
    var bench = EngineBench(
      plan(
        [
          FunctionPlan(name: "a", outputs: ["x"]), FunctionPlan(name: "fast", outputs: ["z"]),
          FunctionPlan(name: "slow", outputs: ["pair"]), FunctionPlan(name: "both", outputs: ["z"]),
          FunctionPlan(name: "c", outputs: []),
        ],
        [
          "pair": [TriggerPlan(name: "t", target: "both", .bySet(["left", "right"]))],
          "x": [
            TriggerPlan(name: "f", target: "fast", .byName(["fast"])),
            TriggerPlan(name: "s", target: "slow", .byName(["slow 1", "slow 2"])),
          ],
          "z": [TriggerPlan(name: "t", target: "c", .redundant(.init(count: 2, take: 1)))],
        ]))
    bench.begin("a")
    try bench.run("a", puts: [("x", "fast"), ("x", "slow 1"), ("x", "slow 2")])
    try bench.run("slow", puts: [("pair", "left")])
    try bench.run("fast", puts: [("z", "1")])
    try bench.run("c")
    #expect(bench.ended?.state == .succeeded)
    #expect(bench.violations == [])
  }
}
