/// `spec` of a `Workflow` resource, as far as data flows by it. The pod template is the controller's
/// business and is left out here; of what else is not about data there is what can be wrong in itself. What the API server defaults is defaulted here too, so that
/// a manifest can be checked before there is a cluster.
package struct WorkflowSpec: Sendable, Hashable, Decodable {
  package var entry: String
  package var functions: [FunctionSpec]
  package var executors: Int
  package var sessionTimeout: String
  package var sessionLimits: SessionLimits
  package var retention: String
  package var sharedMemory: String
  package var scheduling: SchedulingSpec
  package var suspend: Bool
  package var idleAfter: String
  package var rollingUpdate: RollingUpdateSpec

  package struct SessionLimits: Sendable, Hashable, Codable {
    package var invocations: Int
    package var restarts: Int

    package init(invocations: Int = 100_000, restarts: Int = 3) {
      self.invocations = invocations
      self.restarts = restarts
    }
  }

  package struct SchedulingSpec: Sendable, Hashable, Decodable {
    package var forwardAfter = "5ms"
    package var inlineContinuation = true

    package init() {}
  }

  private struct StrategySpec: Decodable {
    var rollingUpdate: RollingUpdateSpec?
  }

  package init(
    entry: String, functions: [FunctionSpec], executors: Int = 1, sessionTimeout: String = "60s",
    sessionLimits: SessionLimits = SessionLimits(), retention: String = "5m", sharedMemory: String = "256Mi",
    scheduling: SchedulingSpec = SchedulingSpec(), suspend: Bool = false, idleAfter: String = "5m",
    rollingUpdate: RollingUpdateSpec = RollingUpdateSpec()
  ) {
    self.entry = entry
    self.functions = functions
    self.executors = executors
    self.sessionTimeout = sessionTimeout
    self.sessionLimits = sessionLimits
    self.retention = retention
    self.sharedMemory = sharedMemory
    self.scheduling = scheduling
    self.suspend = suspend
    self.idleAfter = idleAfter
    self.rollingUpdate = rollingUpdate
  }

  private enum CodingKeys: String, CodingKey {
    case entry, functions, executors, sessionTimeout, sessionLimits, retention, sharedMemory, scheduling, suspend
    case idleAfter, strategy
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      entry: try fields.decode(String.self, forKey: .entry),
      functions: try fields.decode([FunctionSpec].self, forKey: .functions),
      executors: try fields.decodeIfPresent(Int.self, forKey: .executors) ?? 1,
      sessionTimeout: try fields.decodeIfPresent(String.self, forKey: .sessionTimeout) ?? "60s",
      sessionLimits: try fields.decodeIfPresent(SessionLimits.self, forKey: .sessionLimits) ?? SessionLimits(),
      retention: try fields.decodeIfPresent(String.self, forKey: .retention) ?? "5m",
      sharedMemory: try fields.decodeIfPresent(String.self, forKey: .sharedMemory) ?? "256Mi",
      scheduling: try fields.decodeIfPresent(SchedulingSpec.self, forKey: .scheduling) ?? SchedulingSpec(),
      suspend: try fields.decodeIfPresent(Bool.self, forKey: .suspend) ?? false,
      idleAfter: try fields.decodeIfPresent(String.self, forKey: .idleAfter) ?? "5m",
      rollingUpdate: try fields.decodeIfPresent(StrategySpec.self, forKey: .strategy)?.rollingUpdate
        ?? RollingUpdateSpec())
  }
}

extension WorkflowSpec.SessionLimits {
  private enum CodingKeys: String, CodingKey { case invocations, restarts }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      invocations: try fields.decodeIfPresent(Int.self, forKey: .invocations) ?? 100_000,
      restarts: try fields.decodeIfPresent(Int.self, forKey: .restarts) ?? 3)
  }
}

extension WorkflowSpec.SchedulingSpec {
  private enum CodingKeys: String, CodingKey { case forwardAfter, inlineContinuation }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    forwardAfter = try fields.decodeIfPresent(String.self, forKey: .forwardAfter) ?? forwardAfter
    inlineContinuation = try fields.decodeIfPresent(Bool.self, forKey: .inlineContinuation) ?? inlineContinuation
  }
}
