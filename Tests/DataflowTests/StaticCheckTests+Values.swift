import Dataflow

// Faults in the workflow itself.
extension StaticCheckTests {
  static let valueFaults: [Fault] = [
    Fault("session timeout is no duration", "Workflow/w", "spec.sessionTimeout", "\"soon\" is no duration", "200ms") {
      spec, _ in spec.sessionTimeout = "soon"
    },
    Fault("session timeout is zero", "Workflow/w", "spec.sessionTimeout", "greater than zero", "10s") {
      spec, _ in spec.sessionTimeout = "0s"
    },
    Fault("retention is negative", "Workflow/w", "spec.retention", "not be negative", "10s") {
      spec, _ in spec.retention = "-1s"
    },
    Fault("forwardAfter is no duration", "Workflow/w", "spec.scheduling.forwardAfter", "no duration", "200ms") {
      spec, _ in spec.scheduling.forwardAfter = "5"
    },
    Fault("no executors", "Workflow/w", "spec.executors", "0 is not allowed", "from 1 to 256") { spec, _ in
      spec.executors = 0
    },
    Fault("memory is no quantity", "Workflow/w", "spec.sharedMemory", "\"much\" is no quantity", "256Mi") {
      spec, _ in spec.sharedMemory = "much"
    },
    Fault("memory is zero", "Workflow/w", "spec.sharedMemory", "greater than zero", "256Mi") {
      spec, _ in spec.sharedMemory = "0"
    },
    Fault("no functions", "Workflow/w", "spec.functions", "at least one function", "list") {
      spec, buckets in
      spec.functions = []
      buckets = [:]
    },
    Fault("a function twice", "Workflow/w", "spec.functions[3].name", "two functions \"merge\"", "rename") {
      spec, _ in spec.functions.append(FunctionSpec(name: "merge", outputs: []))
    },
    Fault(
      "an output misspelt", "Workflow/w", "spec.functions[0].outputs[0]", "called \"wrods\"", "did you mean \"words\"?"
    ) {
      spec, _ in spec.functions[0].outputs = ["wrods"]
    },
    Fault(
      "an output that resembles nothing", "Workflow/w", "spec.functions[0].outputs[1]", "\"xyz\"",
      "it is one of counts, words"
    ) {
      spec, _ in spec.functions[0].outputs = ["words", "xyz"]
    },
    Fault("a function's timeout", "Workflow/w", "spec.functions[1].timeout", "greater than zero", "10s") {
      spec, _ in spec.functions[1].timeout = "0"
    },
    Fault("a function's back-off", "Workflow/w", "spec.functions[1].retry.backoff", "no duration", "200ms") {
      spec, _ in spec.functions[1].retry = .init(backoff: "x")
    },
    Fault("no invocations", "Workflow/w", "spec.sessionLimits.invocations", "0 is not", "from 1 to 100000000") {
      spec, _ in spec.sessionLimits.invocations = 0
    },
    Fault("too many restarts", "Workflow/w", "spec.sessionLimits.restarts", "101 is not", "from 0 to 100") {
      spec, _ in spec.sessionLimits.restarts = 101
    },
    Fault("too many retries", "Workflow/w", "spec.functions[1].retry.limit", "101 is not", "from 0 to 100") {
      spec, _ in spec.functions[1].retry = .init(limit: 101)
    },
    Fault("a function without a proper name", "Workflow/w", "spec.functions[3].name", "\"Odd_\" is no name", "hyphens")
    {
      spec, _ in spec.functions.append(FunctionSpec(name: "Odd_", outputs: []))
    },
    Fault("too many functions", "Workflow/w", "spec.functions", "at most 256 functions, not 260", "divide") {
      spec, _ in spec.functions += (3..<260).map { FunctionSpec(name: "f\($0)", outputs: []) }
    },
    Fault("an output twice", "Workflow/w", "spec.functions[0].outputs[1]", "twice", "remove one") {
      spec, _ in spec.functions[0].outputs = ["words", "words"]
    },
    Fault(
      "a call that leads nowhere", "Workflow/w", "spec.functions[0].calls[0]", "no function \"cuont\"", "\"count\"?"
    ) {
      spec, _ in spec.functions[0].calls = ["cuont"]
    },
    Fault("the entry misspelt", "Workflow/w", "spec.entry", "\"splt\" is none", "did you mean \"split\"?") {
      spec, _ in spec.entry = "splt"
    },
  ]
}
