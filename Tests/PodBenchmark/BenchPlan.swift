import Dataflow

/// The workflow that is measured: two functions that pass an object to and fro, a fan-out that is joined again, two
/// steps, and an object that is made and read.
enum BenchPlan {
  static let workflow = "bench"

  static let plan = WorkflowPlan(
    namespace: "bench", workflow: workflow, revision: "1", entry: "start",
    functions: [
      function("start", ["to-ping"]), function("ping", ["to-pong"]), function("pong", ["to-ping"]),
      function("fan", ["tasks"]), function("leaf", ["leaves"]), function("join", []),
      function("first", ["steps"]), function("second", []),
      function("produce", ["products"]), function("read", []),
    ],
    buckets: [
      bucket("leaves", "join", .dynamicJoin(announcedBy: ["fan"])), bucket("products", "read"),
      bucket("steps", "second"), bucket("tasks", "leaf"), bucket("to-ping", "ping"), bucket("to-pong", "pong"),
    ], invocationLimit: 10_000_000, retention: .seconds(1), sharedMemory: 1 << 30)

  private static func function(_ name: String, _ outputs: [String]) -> FunctionPlan {
    FunctionPlan(name: name, outputs: outputs)
  }

  private static func bucket(_ name: String, _ target: String, _ primitive: Primitive = .immediate) -> BucketPlan {
    BucketPlan(name: name, triggers: [TriggerPlan(name: "to-\(target)", target: target, primitive)])
  }
}
