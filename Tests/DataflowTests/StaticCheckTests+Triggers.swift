import Dataflow

// Faults in a trigger by itself.
extension StaticCheckTests {
  static let triggerFaults: [Fault] = [
    Fault("a trigger twice", "Bucket/words", "spec.triggers[1].name", "two triggers \"each\"", "rename") {
      $1["words"]?.triggers.append(TriggerSpec(name: "each", target: "count", .immediate))
    },
    Fault(
      "a target misspelt", "Bucket/words", "spec.triggers[0].target", "no function \"cuont\"", "did you mean \"count\"?"
    ) {
      $1["words"]?.triggers[0].target = "cuont"
    },
    Fault("no primitive", "Bucket/words", "spec.triggers[0]", "has none", "immediate: {}") {
      $1["words"]?.triggers[0].primitives = []
    },
    Fault("two primitives", "Bucket/words", "spec.triggers[0]", "has immediate, byName", "split it") {
      $1["words"]?.triggers[0].primitives = [.immediate, .byName(["a"])]
    },
    Fault("no names", "Bucket/words", "spec.triggers[0].bySet.names", "empty", "at least one key") {
      $1["words"]?.triggers[0].primitives = [.bySet([])]
    },
    Fault("a name twice", "Bucket/words", "spec.triggers[0].byName.names[1]", "twice", "remove") {
      $1["words"]?.triggers[0].primitives = [.byName(["a", "a"])]
    },
    Fault("nobody announces", "Bucket/counts", "spec.triggers[0].dynamicJoin.announcedBy", "nobody", "expect") {
      $1["counts"]?.triggers[0].primitives = [.dynamicJoin(announcedBy: [])]
    },
    Fault(
      "an announcer misspelt", "Bucket/counts", "spec.triggers[0].dynamicJoin.announcedBy[0]", "no function \"spilt\"",
      "did you mean \"split\"?"
    ) {
      $1["counts"]?.triggers[0].primitives = [.dynamicJoin(announcedBy: ["spilt"])]
    },
    Fault("a trigger without a proper name", "Bucket/words", "spec.triggers[0].name", "\"a b\" is no name", "hyphens") {
      $1["words"]?.triggers[0].name = "a b"
    },
    Fault("too many triggers", "Bucket/words", "spec.triggers", "at most 64 triggers, not 65", "another bucket") {
      $1["words"]?.triggers = (0..<65).map { TriggerSpec(name: "t\($0)", target: "count", .immediate) }
    },
    Fault("too many keys", "Bucket/words", "spec.triggers[0].byName.names", "1025 entries", "at most 1024") {
      $1["words"]?.triggers[0].primitives = [.byName((0..<1025).map { "\($0)" })]
    },
    Fault("an empty key", "Bucket/words", "spec.triggers[0].bySet.names[1]", "1 to 253", "remove the entry") {
      $1["words"]?.triggers[0].primitives = [.bySet(["a", ""])]
    },
    Fault("a key that is too long", "Bucket/words", "spec.triggers[0].byName.names[0]", "1 to 253", "shorten") {
      $1["words"]?.triggers[0].primitives = [.byName([String(repeating: "x", count: 254)])]
    },
    Fault("an empty batch", "Bucket/words", "spec.triggers[0].byBatchSize.count", "0 is not allowed", "2147483647") {
      $1["words"]?.triggers[0].primitives = [.byBatchSize(.init(count: 0))]
    },
    Fault("a batch of 2^31", "Bucket/words", "spec.triggers[0].byBatchSize.count", "2147483648 is not", "2147483647") {
      $1["words"]?.triggers[0].primitives = [.byBatchSize(.init(count: 1 << 31))]
    },
    Fault("a batch that waits for nothing", "Bucket/words", "spec.triggers[0].byBatchSize.maxWait", "zero", "10s") {
      $1["words"]?.triggers[0].primitives = [.byBatchSize(.init(count: 2, maxWait: "0s"))]
    },
    Fault("a window that is no duration", "Bucket/words", "spec.triggers[0].byTime.window", "no duration", "200ms") {
      $1["words"]?.triggers[0].primitives = [.byTime(.init(window: "often"))]
    },
    Fault("a window of nothing", "Bucket/words", "spec.triggers[0].byTime.window", "greater than zero", "10s") {
      $1["words"]?.triggers[0].primitives = [.byTime(.init(window: "0s"))]
    },
    Fault(
      "a tiny window", "Bucket/words", "spec.triggers[0].byTime.window", "window must be at least 1ms", "`immediate`"
    ) {
      $1["words"]?.triggers[0].primitives = [.byTime(.init(window: "999us"))]
    },
    Fault("nothing of three", "Bucket/words", "spec.triggers[0].redundant.take", "0 is not allowed", "from 1") {
      $1["words"]?.triggers[0].primitives = [.redundant(.init(count: 3, take: 0))]
    },
    Fault("one of none", "Bucket/words", "spec.triggers[0].redundant.count", "0 is not allowed", "from 1") {
      $1["words"]?.triggers[0].primitives = [.redundant(.init(count: 0, take: 1))]
    },
    Fault("three of two", "Bucket/words", "spec.triggers[0].redundant.take", "3 of 2", "raise count") {
      $1["words"]?.triggers[0].primitives = [.redundant(.init(count: 2, take: 3))]
    },
    Fault("no sources", "Bucket/words", "spec.triggers[0].dynamicGroup.sources", "nothing ends the groups", "grouped") {
      $1["words"]?.triggers[0].primitives = [.dynamicGroup(sources: [])]
    },
    Fault("a source misspelt", "Bucket/words", "spec.triggers[0].dynamicGroup.sources[0]", "\"slit\"", "\"split\"?") {
      $1["words"]?.triggers[0].primitives = [.dynamicGroup(sources: ["slit"])]
    },
    Fault("recovery of nobody", "Bucket/words", "spec.triggers[0].recovery.source", "\"splt\"", "\"split\"?") {
      $1["words"]?.triggers[0].recovery = .init(source: "splt", timeout: "1s")
    },
    Fault("recovery at once", "Bucket/words", "spec.triggers[0].recovery.timeout", "greater than zero", "10s") {
      $1["words"]?.triggers[0].recovery = .init(source: "split", timeout: "0s")
    },
    Fault("recovery without end", "Bucket/words", "spec.triggers[0].recovery.limit", "101 is not", "from 1 to 100") {
      $1["words"]?.triggers[0].recovery = .init(source: "split", timeout: "1s", limit: 101)
    },
  ]
}
