import Dataflow
import Foundation
import Testing

@Suite("Plan compiler")
struct PlanCompilerTests {
  @Test("The word count compiles, with the defaults filled in")
  func wordcount() throws {
    let plan = try #require(try Self.wordcountPlan())
    #expect(plan.entry == "split")
    #expect(plan.functions.map(\.name) == ["split", "count", "merge"])
    #expect(plan.functions.map(\.outputs) == [["words"], ["counts"], []])
    #expect(plan.buckets.map(\.name) == ["counts", "words"])
    #expect(
      plan.buckets[0].triggers == [
        TriggerPlan(name: "merge-all", target: "merge", .dynamicJoin(announcedBy: ["split"]))
      ])
    #expect(plan.sessionTimeout == .seconds(60))
    #expect(plan.retention == .seconds(300))
    #expect(plan.sharedMemory == 256 << 20)
    #expect(plan.invocationLimit == 100_000)
    #expect(plan.functions[0].retry == RetryPlan(limit: 3, backoff: .milliseconds(200)))
    #expect(plan.revision.count == 16)
  }

  @Test("A revision is a function of the content alone")
  func revision() throws {
    let one = try Self.wordcountPlan()
    #expect(try Self.wordcountPlan()?.revision == one?.revision)
    #expect(try Self.wordcountPlan(timeout: "61s")?.revision != one?.revision)
  }

  @Test("A plan survives its journey as JSON")
  func codable() throws {
    let plan = try #require(try Self.wordcountPlan())
    #expect(try JSONDecoder().decode(WorkflowPlan.self, from: JSONEncoder().encode(plan)) == plan)
  }

  @Test(
    "A spec without the right shape is told which field is wrong",
    arguments: [
      (#"{"functions": []}"#, "spec.entry", "the field is required"),
      (#"{"entry": 5, "functions": []}"#, "spec.entry", "the value has the wrong type"),
      (#"{"entry": "a", "functions": [{"outputs": []}]}"#, "spec.functions[0].name", "the field is required"),
      (
        #"{"entry": "a", "functions": [{"name": "a", "retry": {"limit": "x"}}]}"#, "spec.functions[0].retry.limit",
        "the value has the wrong type"
      ),
    ])
  func decoding(json: String, field: String, message: String) throws {
    do {
      _ = try JSONDecoder().decode(WorkflowSpec.self, from: Data(json.utf8))
      Issue.record("it was decoded")
    } catch let error as DecodingError {
      let finding = Finding(decodingError: error, resource: "Workflow/w")
      #expect(finding.field == field)
      #expect(finding.message == message)
      #expect(!finding.remedy.isEmpty)
    }
  }

  static func wordcountPlan(timeout: String = "60s") throws -> WorkflowPlan? {
    let workflow = try JSONDecoder().decode(
      WorkflowSpec.self,
      from: Data(
        """
        {"replicas": 2, "entry": "split", "executors": 2, "sessionTimeout": "\(timeout)", "functions": [
          {"name": "split", "outputs": ["words"]}, {"name": "count", "outputs": ["counts"]},
          {"name": "merge", "outputs": []}], "template": {"spec": {"containers": []}}}
        """.utf8))
    let words = try JSONDecoder().decode(
      BucketSpec.self,
      from: Data(
        #"{"workflow": "wordcount", "triggers": [{"name": "count-each", "target": "count", "immediate": {}}]}"#.utf8))
    let counts = try JSONDecoder().decode(
      BucketSpec.self,
      from: Data(
        """
        {"workflow": "wordcount", "triggers": [
          {"name": "merge-all", "target": "merge", "dynamicJoin": {"announcedBy": ["split"]}}]}
        """.utf8))
    let (plan, findings) = PlanCompiler.compile(
      namespace: "default", workflow: "wordcount", spec: workflow, buckets: ["words": words, "counts": counts])
    #expect(findings == [])
    return plan
  }

  @Test func `a primitive that is null is not there`() throws {
    for name in ["immediate", "byName", "byTime"] {
      let json = #"{"name":"t","target":"f","\#(name)":null}"#
      #expect(try JSONDecoder().decode(TriggerSpec.self, from: Data(json.utf8)).primitives.isEmpty, "\(name)")
    }
  }
}
