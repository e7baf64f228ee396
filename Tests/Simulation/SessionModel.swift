import Dataflow
import Wire

/// What must be true of one session, judged from what went in and out of the pod and by nothing of the engine's.
struct SessionModel {
  struct Object {
    var key: String
    var group: String?
    var mark: UInt64
    var size: Int
  }

  struct Input: Hashable {
    /// Empty for what was sent straight to a function.
    var bucket: String
    var key: String
  }

  struct Firing {
    var function: String
    var inputs: [Input]
    var isCommitted = false
    var failures = 0
    /// It failed for good, unless an attempt that runs beside the last one commits after all.
    var isLost = false
    /// Keys that this firing has made visible while it ran, by bucket.
    var published: Set<Input> = []
  }

  struct End {
    var state: SessionResult.State
    var message: String
    var at: Duration
  }

  let name: String
  let plan: WorkflowPlan
  /// Nil for a session that a trigger across sessions has begun.
  let origin: CoordinatorFrame.SessionRequest.Origin?
  let payload: Object
  let startedAt: Duration
  let deadline: Duration
  var end: End?
  var isCancelled = false
  /// In the order in which they became visible.
  var visible: [String: [Object]] = [:]
  var announcements: [(function: String, keys: [String: [String]])] = []
  var outputs: [(name: String, object: Object)] = []
  /// Objects that were sent straight to a function, by key.
  var calls: [(function: String, object: Object)] = []
  var firings: [String: Firing] = [:]
  /// Keys that a function has announced and nobody has put so far, by bucket.
  var promised: [String: [String]] = [:]
  /// In which of the link's lives the result was last sent.
  var sentInLife: Int?
  /// The pod was told that the result has arrived.
  var isReceived = false
  /// What a derived session was given, and the function that it begins with. Its id is that of its first firing.
  var given: (function: String, inputs: [Input], objects: [Object])?

  func function(_ name: String) -> FunctionPlan? { plan.functions.first { $0.name == name } }

  func isVisible(_ key: String, in bucket: String) -> Bool { visible[bucket]?.contains { $0.key == key } ?? false }

  /// What the function reads as its inputs, in their order; nil where that is unknown.
  func objects(of firing: String, _ inputs: [Input]) -> [Object?] {
    if firing == name, let given { return given.objects }
    return inputs.map { object($0) }
  }

  /// The object that a function is given under this name.
  func object(_ input: Input) -> Object? {
    guard input.bucket.isEmpty else { return visible[input.bucket]?.first { $0.key == input.key } }
    return calls.first { $0.object.key == input.key }?.object ?? (input.key.isEmpty ? payload : nil)
  }

  /// Why a commit has to be refused, from the rules alone; nil when it has to be accepted.
  func objection(to transaction: Transaction, of firing: String) -> String? {
    guard let firing = firings[firing], let function = function(firing.function) else { return "no such firing" }
    var own: Set<Input> = []
    for put in transaction.puts {
      guard plan.buckets.contains(where: { $0.name == put.bucket }) else { return "unknown bucket" }
      if let outputs = function.outputs, !outputs.contains(put.bucket) { return "undeclared bucket" }
      let input = Input(bucket: put.bucket, key: put.key.text)
      if isVisible(put.key.text, in: put.bucket), !firing.published.contains(input) { return "ObjectExists" }
      if !own.insert(input).inserted { return "twice" }
    }
    return nil
  }
}
