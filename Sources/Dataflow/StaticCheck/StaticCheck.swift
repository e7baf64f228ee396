/// Finds what a schema cannot see: names that lead nowhere, functions that nothing reaches, joins that could never be
/// decided. It checks the bounds of the schema too, for manifests that no API server has seen.
///
/// What it cannot know it holds for possible: an unknown name, or a resource that cannot be read, may lead anywhere. So a
/// mistake is told once, and not again as the consequences that it has in the graph.
struct StaticCheck {
  /// Nil where the workflow cannot be read, or is not at hand; then buckets are checked by themselves.
  let spec: WorkflowSpec?
  let workflow: String
  let buckets: [PlanCompiler.NamedBucket]
  let doubts: Doubts
  let functionNames: [String]
  let bucketNames: [String]
  let knownFunctions: Set<String>
  let knownBuckets: Set<String>
  private(set) var findings: [Finding] = []
  private var counts: [Finding.Severity: Int] = [:]

  /// More findings of one severity than this are not looked for: nobody reads them, and a hostile workflow shall not
  /// occupy the controller.
  private static let findingLimit = 1000

  /// What is there but is not what was meant, since something else was found wrong with it already.
  struct Doubts {
    /// Positions in `spec.functions`.
    var functions: Set<Int> = []
    /// Buckets of which not all triggers are known.
    var buckets: Set<String> = []
    /// By bucket, positions in its `spec.triggers`.
    var triggers: [String: Set<Int>] = [:]

    func contain(trigger index: Int, of bucket: String) -> Bool { triggers[bucket]?.contains(index) ?? false }
  }

  init(
    workflow: String, spec: WorkflowSpec?, buckets: [PlanCompiler.NamedBucket], doubts: Doubts = Doubts()
  ) {
    self.workflow = workflow
    self.spec = spec
    self.buckets = buckets
    self.doubts = doubts
    functionNames = spec?.functions.map(\.name) ?? []
    bucketNames = buckets.map(\.name)
    knownFunctions = Set(functionNames)
    knownBuckets = Set(bucketNames)
  }

  var functions: [FunctionSpec] { spec?.functions ?? [] }
  /// Whether so much is wrong that it is not worth looking for more.
  var isFull: Bool { counts[.error, default: 0] >= Self.findingLimit }

  mutating func run() {
    if let spec {
      checkValues(spec)
      checkFunctions(spec)
    }
    for bucket in buckets { checkTriggers(of: bucket) }
    checkTimes()
    if !functions.isEmpty { checkGraph() }
    checkSpelling()
  }

  mutating func report(
    _ field: String, bucket: String? = nil, _ message: String, _ remedy: String, severity: Finding.Severity = .error
  ) {
    guard counts[severity, default: 0] < Self.findingLimit else { return }
    counts[severity, default: 0] += 1
    let resource = bucket.map { "Bucket/\($0)" } ?? "Workflow/\(workflow)"
    findings.append(
      Finding(resource: resource, field: field, message: message, remedy: remedy, severity: severity))
  }

  func remedy(for name: String, among names: [String], kind: String) -> String {
    if let close = Spelling.closest(to: name, among: names) { return "did you mean \"\(close)\"?" }
    return names.isEmpty ? "add a \(kind) of that name" : "it is one of \(Self.list(names))"
  }

  /// Names some of many.
  private static func list(_ names: [String]) -> String {
    let shown = names.prefix(10).joined(separator: ", ")
    return names.count > 10 ? "\(shown) and \(names.count - 10) more" : shown
  }
}
