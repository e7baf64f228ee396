import Dataflow
import Triggers

/// A session, or for triggers across sessions a pod, that comes to hold more and more objects of one primitive's bucket.
struct Scenario: Sendable {
  var name: String
  /// Heap allocations that one event may cost at most, however much is held. Measured, and rounded up a little.
  var allowedAllocations: Double
  var trigger: TriggerPlan
  /// The key of the nth object; nil for a default key.
  var key: @Sendable (Int) -> String? = { _ in nil }

  var course = Course.commits

  enum Course: Sendable {
    /// One attempt after the other commits an object.
    case commits
    /// The same, and each fails once before.
    case failsFirst
    /// One attempt publishes all objects.
    case streams
  }

  /// Nothing fires before the end, except where a primitive fires for each object or batch.
  static let all: [Scenario] = [
    Scenario(name: "immediate", allowedAllocations: 7, trigger: TriggerPlan(name: "t", target: "b", .immediate)),
    Scenario(
      name: "byName", allowedAllocations: 6, trigger: TriggerPlan(name: "t", target: "b", .byName(["left"])),
      key: { "key\($0)" }),
    Scenario(
      name: "bySet", allowedAllocations: 6,
      // Those too that are put while it is measured; a key that is not wanted is another matter.
      trigger: TriggerPlan(name: "t", target: "b", .bySet((0..<110_000).map { "key\($0)" } + ["last"])),
      key: { "key\($0)" }),
    Scenario(
      name: "byBatchSize", allowedAllocations: 6,
      trigger: TriggerPlan(name: "t", target: "b", .byBatchSize(.init(count: 10, scope: .session)))
    ),
    Scenario(
      name: "redundant", allowedAllocations: 6,
      trigger: TriggerPlan(name: "t", target: "b", .redundant(.init(count: 1_000_000, take: 1_000_000)))),
    Scenario(
      name: "dynamicJoin", allowedAllocations: 5,
      trigger: TriggerPlan(name: "t", target: "b", .dynamicJoin(announcedBy: ["a"])),
      key: { "key\($0)" }),
    Scenario(
      name: "dynamicGroup", allowedAllocations: 6,
      trigger: TriggerPlan(name: "t", target: "b", .dynamicGroup(sources: ["a"])),
      key: { "group\($0 % 100):\($0)" }),
    Scenario(
      name: "byBatchSize, across", allowedAllocations: 4,
      trigger: TriggerPlan(name: "t", target: "b", .byBatchSize(.init(count: 1_000_000)))),
    Scenario(
      name: "byName, streaming", allowedAllocations: 3,
      trigger: TriggerPlan(name: "t", target: "b", .byName(["left"])), key: { "key\($0)" },
      course: .streams),
    // What is held are invocations that live, one for each object.
    Scenario(
      name: "immediate, streaming", allowedAllocations: 5, trigger: TriggerPlan(name: "t", target: "b", .immediate),
      key: { "key\($0)" }, course: .streams),
    Scenario(
      name: "immediate, failing", allowedAllocations: 4, trigger: TriggerPlan(name: "t", target: "b", .immediate),
      course: .failsFirst),
    Scenario(
      name: "byTime", allowedAllocations: 4, trigger: TriggerPlan(name: "t", target: "b", .byTime(.init(window: "1h")))
    ),
  ]

  var plan: WorkflowPlan {
    WorkflowPlan(
      namespace: "n", workflow: "w", entry: "a",
      functions: [
        FunctionPlan(name: "a", outputs: ["x"], calls: ["a"]), FunctionPlan(name: "b", outputs: []),
      ],
      buckets: [BucketPlan(name: "x", triggers: [trigger])], invocationLimit: 10_000_000)
  }
}
