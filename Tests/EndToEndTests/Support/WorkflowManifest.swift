/// A workflow in one pod template, as short as it can be written.
struct WorkflowManifest {
  var name: String
  var entry: String
  /// Each as an entry of `spec.functions`.
  var functions: [String]
  var replicas = 1
  var executors = 2
  var image = TestEnvironment.image("faults")
  /// More lines of the spec.
  var settings: [String] = []
  /// What its container finds in the environment.
  var environment: [String: String] = [:]
  /// More lines of the pods' spec.
  var template = TestEnvironment.nodes.map { NodeProcess.template(group: $0) } ?? []
  /// Buckets that go with it.
  var buckets: [String] = []

  /// One workflow of the program in Tests/Faults, which does on request what a function should not do. Its bucket
  /// `errands` sends each object to the function that its key names, so that none is out of reach.
  static func faults(
    name: String = "faults", also: [String] = [], settings: [String] = []
  ) -> WorkflowManifest {
    let functions = ["echo", "measure", "throw", "exit", "linger"] + also
    let errands = functions.map { "{name: \($0), target: \($0), byName: {names: [\($0)]}}" }
    return WorkflowManifest(
      name: name, entry: "echo",
      functions: functions.map { "{name: \($0), outputs: [], retry: {limit: 1, backoff: 50ms}}" },
      settings: settings, buckets: [bucket("errands", of: name, triggers: errands)])
  }

  var text: String { ([workflow] + buckets).joined(separator: "\n---\n") }

  private var workflow: String {
    """
    apiVersion: pheromone.dev/v1alpha1
    kind: Workflow
    metadata: {name: \(name)}
    spec:
      replicas: \(replicas)
      executors: \(executors)
      entry: \(entry)
    \(settings.map { "  \($0)" }.joined(separator: "\n"))
      functions:
    \(functions.map { "  - \($0)" }.joined(separator: "\n"))
      template:
        spec:
    \(template.map { "      \($0)" }.joined(separator: "\n"))
          containers:
          - {name: app, image: "\(image)"\(variables)}
    """
  }

  private var variables: String {
    let entries = environment.sorted { $0.key < $1.key }.map { "{name: \($0.key), value: \"\($0.value)\"}" }
    return entries.isEmpty ? "" : ", env: [\(entries.joined(separator: ", "))]"
  }

  /// A bucket of a workflow, with triggers as entries of `spec.triggers`.
  static func bucket(_ name: String, of workflow: String, triggers: String...) -> String {
    bucket(name, of: workflow, triggers: triggers)
  }

  static func bucket(_ name: String, of workflow: String, triggers: [String]) -> String {
    """
    apiVersion: pheromone.dev/v1alpha1
    kind: Bucket
    metadata: {name: \(name)}
    spec:
      workflow: \(workflow)
      triggers: [\(triggers.joined(separator: ", "))]
    """
  }
}
