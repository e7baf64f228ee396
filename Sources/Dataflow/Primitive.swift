/// What makes a trigger fire. The paper's table 1, made session-safe; DESIGN gives the exact semantics of each.
package enum Primitive: Sendable, Hashable, Codable {
  case immediate
  case byName([String])
  case bySet([String])
  case byBatchSize(Batch)
  case byTime(Window)
  case redundant(Redundancy)
  case dynamicJoin(announcedBy: [String])
  case dynamicGroup(sources: [String])

  package struct Batch: Sendable, Hashable, Codable {
    package var count: Int
    package var maxWait: String?
    package var scope: Scope?

    package enum Scope: String, Sendable, Hashable, Codable {
      case workflow = "Workflow"
      case session = "Session"
    }

    package init(count: Int, maxWait: String? = nil, scope: Scope? = nil) {
      self.count = count
      self.maxWait = maxWait
      self.scope = scope
    }
  }

  package struct Window: Sendable, Hashable, Codable {
    package var window: String
    package var fireEmpty: Bool?

    package init(window: String, fireEmpty: Bool? = nil) {
      self.window = window
      self.fireEmpty = fireEmpty
    }
  }

  package struct Redundancy: Sendable, Hashable, Codable {
    package var count: Int
    package var take: Int

    package init(count: Int, take: Int) {
      self.count = count
      self.take = take
    }
  }

  /// The field of a trigger under which the primitive is written.
  package var fieldName: String {
    Self.fieldNames[ordinal]
  }

  /// The field names of all primitives, each at its `ordinal`.
  package static let fieldNames = [
    "immediate", "byName", "bySet", "byBatchSize", "byTime", "redundant", "dynamicJoin", "dynamicGroup",
  ]

  /// Where counts by primitive have its place.
  package var ordinal: Int {
    switch self {
    case .immediate: 0
    case .byName: 1
    case .bySet: 2
    case .byBatchSize: 3
    case .byTime: 4
    case .redundant: 5
    case .dynamicJoin: 6
    case .dynamicGroup: 7
    }
  }

  /// Whether it takes objects of all sessions alike. What it fires runs in a derived session, which begins with its target.
  package var isWorkflowScoped: Bool {
    switch self {
    case .byBatchSize(let batch): batch.scope != .session
    case .byTime: true
    case .immediate, .byName, .bySet, .redundant, .dynamicJoin, .dynamicGroup: false
    }
  }

  /// Whether closing rests on the declared graph, so that every function has to declare its outputs.
  package var needsDeclaredOutputs: Bool {
    switch self {
    case .redundant, .dynamicJoin, .dynamicGroup: true
    case .immediate, .byName, .bySet, .byBatchSize, .byTime: false
    }
  }

  /// The functions that have to be upstream of it.
  package var upstreamFunctions: [String] {
    switch self {
    case .dynamicJoin(let announcers): announcers
    case .dynamicGroup(let sources): sources
    case .immediate, .byName, .bySet, .byBatchSize, .byTime, .redundant: []
    }
  }
}
