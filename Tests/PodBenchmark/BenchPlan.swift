import Dataflow

/// The workflow that is measured: two functions that pass an object to and fro, a fan-out that is joined again, two
/// steps, an object that is made and read, and objects that wait.
enum BenchPlan {
  static let workflow = "bench"

  /// With so much object memory, in bytes.
  static func plan(sharedMemory: Int) -> WorkflowPlan {
    WorkflowPlan(
      namespace: "bench", workflow: workflow, revision: "1", entry: "start", functions: functions, buckets: buckets,
      invocationLimit: 10_000_000, retention: .seconds(1), sharedMemory: sharedMemory)
  }

  static let functions = [
    function("start", ["to-ping"]), function("ping", ["to-pong"]), function("pong", ["to-ping"]),
    function("fan", ["tasks"]), function("leaf", ["leaves"]), function("join", []),
    function("first", ["steps"]), function("second", []),
    function("produce", ["products"]), function("read", []), function("hold", ["held"]),
    function("scatter", ["held", "products"]),
  ]

  private static let buckets = [
    bucket("held", "join", .byBatchSize(.init(count: 1_000_000_000, maxWait: "1h"))),
    bucket("leaves", "join", .dynamicJoin(announcedBy: ["fan"])), bucket("products", "read"),
    bucket("steps", "second"), bucket("tasks", "leaf"), bucket("to-ping", "ping"), bucket("to-pong", "pong"),
  ]

  private static func function(_ name: String, _ outputs: [String]) -> FunctionPlan {
    FunctionPlan(name: name, outputs: outputs)
  }

  private static func bucket(_ name: String, _ target: String, _ primitive: Primitive = .immediate) -> BucketPlan {
    BucketPlan(name: name, triggers: [TriggerPlan(name: "to-\(target)", target: target, primitive)])
  }
}
