import Dataflow

// Faults that only the whole workflow shows.
extension StaticCheckTests {
  static let graphFaults: [Fault] = [
    Fault(
      "a join without declared outputs", "Workflow/w", "spec.functions[1].outputs", "dynamicJoin of counts/all",
      "[] for none"
    ) {
      spec, _ in spec.functions[1].outputs = nil
    },
    Fault(
      "a function that nothing reaches", "Workflow/w", "spec.functions[3]", "nothing can reach function \"lost\"",
      "targets it"
    ) {
      spec, _ in spec.functions.append(FunctionSpec(name: "lost", outputs: []))
    },
    Fault("a join in a cycle", "Bucket/counts", "spec.triggers[0].dynamicJoin", "inside a cycle", "behind the cycle") {
      spec, _ in spec.functions[2].outputs = ["counts"]
    },
    Fault(
      "an announcer downstream", "Bucket/counts", "spec.triggers[0].dynamicJoin.announcedBy[0]", "\"merge\" causes",
      "upstream"
    ) {
      $1["counts"]?.triggers[0].primitives = [.dynamicJoin(announcedBy: ["merge"])]
    },
    Fault(
      "a source that does not lead here", "Bucket/words", "spec.triggers[0].dynamicGroup.sources[0]",
      "nothing that \"merge\" causes comes to this bucket", "upstream"
    ) {
      $1["words"]?.triggers[0].primitives = [.dynamicGroup(sources: ["merge"])]
    },
    Fault(
      "an announcer in another session", "Bucket/counts", "spec.triggers[0].dynamicJoin.announcedBy[0]",
      "within its session: a trigger across sessions", "behind that trigger"
    ) {
      $1["words"]?.triggers[0].primitives = [.byBatchSize(.init(count: 3))]
    },
    Fault("a group in a cycle", "Bucket/counts", "spec.triggers[0].dynamicGroup", "counts → merge → counts", "behind") {
      spec, buckets in
      spec.functions[2].outputs = ["counts"]
      buckets["counts"]?.triggers[0].primitives = [.dynamicGroup(sources: ["count"])]
    },
    Fault("redundant in a cycle", "Bucket/counts", "spec.triggers[0].redundant", "once per session", "behind") {
      spec, buckets in
      spec.functions[2].outputs = ["counts"]
      buckets["counts"]?.triggers[0].primitives = [.redundant(.init(count: 3, take: 2))]
    },
    Fault("redundant without outputs", "Workflow/w", "spec.functions[2].outputs", "redundant of counts/all", "[] for") {
      spec, buckets in
      spec.functions[2].outputs = nil
      buckets["counts"]?.triggers[0].primitives = [.redundant(.init(count: 3, take: 2))]
    },
    Fault("recovery beside the way", "Bucket/counts", "spec.triggers[0].recovery.source", "does not put", "that does") {
      $1["counts"]?.triggers[0].recovery = .init(source: "split", timeout: "1s")
    },
  ]
}
