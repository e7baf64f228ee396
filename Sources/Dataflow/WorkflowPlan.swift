/// A workflow and its buckets, checked and compiled: what sidecars run sessions by. A session keeps the plan it began with.
package struct WorkflowPlan: Sendable, Hashable, Codable {
  package var namespace: String
  package var workflow: String
  /// Hash of all that follows; two plans with one revision are the same plan.
  package var revision: String
  package var entry: String
  package var functions: [FunctionPlan]
  package var buckets: [BucketPlan]
  package var sessionTimeout: Duration
  package var invocationLimit: Int
  package var restartLimit: Int
  package var retention: Duration
  /// Object memory of one pod, in bytes.
  package var sharedMemory: Int
  package var forwardAfter: Duration
  /// Whether a worker may go on by itself with what its commits simply continue in. Nil, which is yes, leaves the revisions of
  /// plans as they were before there was a choice.
  package var inlineContinuation: Bool?

  package init(
    namespace: String, workflow: String, revision: String = "", entry: String, functions: [FunctionPlan],
    buckets: [BucketPlan], sessionTimeout: Duration = .seconds(60), invocationLimit: Int = 100_000,
    restartLimit: Int = 3, retention: Duration = .seconds(300), sharedMemory: Int = 256 << 20,
    forwardAfter: Duration = .milliseconds(5), inlineContinuation: Bool? = nil
  ) {
    self.namespace = namespace
    self.workflow = workflow
    self.revision = revision
    self.entry = entry
    self.functions = functions
    self.buckets = buckets
    self.sessionTimeout = sessionTimeout
    self.invocationLimit = invocationLimit
    self.restartLimit = restartLimit
    self.retention = retention
    self.sharedMemory = sharedMemory
    self.forwardAfter = forwardAfter
    self.inlineContinuation = inlineContinuation
  }
}

/// A function as the engine and the scheduler see it.
package struct FunctionPlan: Sendable, Hashable, Codable {
  package var name: String
  /// Buckets it may put into; nil allows every bucket of the workflow.
  package var outputs: [String]?
  package var calls: [String]
  /// How long one attempt may take.
  package var timeout: Duration?
  package var retry: RetryPlan
  package var publish: FunctionSpec.Publish

  package init(
    name: String, outputs: [String]? = nil, calls: [String] = [], timeout: Duration? = nil,
    retry: RetryPlan = RetryPlan(), publish: FunctionSpec.Publish = .onCommit
  ) {
    self.name = name
    self.outputs = outputs
    self.calls = calls
    self.timeout = timeout
    self.retry = retry
    self.publish = publish
  }
}

/// How often a failed attempt is made again, and after how long. `limit` counts the attempts after the first.
package struct RetryPlan: Sendable, Hashable, Codable {
  package var limit: Int
  package var backoff: Duration

  package init(limit: Int = 3, backoff: Duration = .milliseconds(200)) {
    self.limit = limit
    self.backoff = backoff
  }
}

package struct BucketPlan: Sendable, Hashable, Codable {
  package var name: String
  package var triggers: [TriggerPlan]

  package init(name: String, triggers: [TriggerPlan]) {
    self.name = name
    self.triggers = triggers
  }
}

package struct TriggerPlan: Sendable, Hashable, Codable {
  package var name: String
  package var target: String
  package var primitive: Primitive
  package var recovery: RecoveryPlan?

  package init(name: String, target: String, _ primitive: Primitive, recovery: RecoveryPlan? = nil) {
    self.name = name
    self.target = target
    self.primitive = primitive
    self.recovery = recovery
  }
}

/// A second, speculative attempt of an invocation of `source` that has not committed within `timeout`.
package struct RecoveryPlan: Sendable, Hashable, Codable {
  package var source: String
  package var timeout: Duration
  package var limit: Int

  package init(source: String, timeout: Duration, limit: Int) {
    self.source = source
    self.timeout = timeout
    self.limit = limit
  }
}
