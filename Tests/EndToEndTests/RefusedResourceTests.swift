import KubernetesAPI
import Testing

extension EndToEnd {
  /// Faults in resources. Where the schema sees one, it is refused; where only the whole workflow shows it, the
  /// controller says so. Either way a person reads which field it is.
  @Suite struct RefusedResourceTests {
    /// A manifest with one fault, and what the message about it has to name.
    struct Fault: Sendable, CustomTestStringConvertible {
      var testDescription: String
      var manifest: String
      var named: [String]
    }

    private static let image = TestEnvironment.image("wordcount")
    private static let sound = WorkflowManifest(
      name: "subject", entry: "split", functions: ["{name: split, outputs: [words]}", "{name: count, outputs: []}"],
      replicas: 0, image: image)

    private static func workflow(_ change: (inout WorkflowManifest) -> Void) -> String {
      var manifest = sound
      change(&manifest)
      return manifest.text
    }

    static let faults = [
      Fault(
        testDescription: "a workflow without functions",
        manifest: sound.text.replacing(#/functions:\n(  - .*\n)+/#, with: "functions: []\n"), named: ["spec.functions"]),
      Fault(
        testDescription: "two functions of one name", manifest: workflow { $0.functions.append("{name: split}") },
        named: ["spec.functions[2]", "split"]),
      Fault(
        testDescription: "an entry that is no function", manifest: workflow { $0.entry = "nope" },
        named: ["spec.entry"]),
      Fault(
        testDescription: "a trigger whose target does not exist",
        manifest: sound.text + "\n---\n"
          + WorkflowManifest.bucket("words", of: "subject", triggers: "{name: t, target: nobody, immediate: {}}"),
        named: ["spec.triggers[0].target", "nobody"]),
      Fault(
        testDescription: "a trigger with two primitives",
        manifest: sound.text + "\n---\n"
          + WorkflowManifest.bucket(
            "words", of: "subject", triggers: "{name: t, target: count, immediate: {}, byName: {names: [a]}}"),
        named: ["spec.triggers[0]", "exactly one primitive"]),
      Fault(
        testDescription: "a trigger with no primitive",
        manifest: sound.text + "\n---\n"
          + WorkflowManifest.bucket("words", of: "subject", triggers: "{name: t, target: count}"),
        named: ["spec.triggers[0]", "exactly one primitive"]),
    ]

    @Test(arguments: faults) func `the fault is named`(_ fault: Fault) async throws {
      try await TestNamespace.with("refused") { namespace in
        let applied = try await namespace.kubectl.outcome("apply", "-f", "-", input: fault.manifest)
        let message = applied.succeeded ? try await namespace.notAccepted() : applied.errors
        for word in fault.named { #expect(message.contains(word), "\(message)") }
      }
    }

    @Test func `a bucket waits for its workflow, says so, and recovers`() async throws {
      try await TestNamespace.with("orphan") { namespace in
        let kubectl = namespace.kubectl
        try await kubectl.apply(
          WorkflowManifest.bucket("words", of: "subject", triggers: "{name: each, target: count, immediate: {}}"))
        let message = try await namespace.notAccepted()
        #expect(message.contains("subject"), "\(message)")
        try await kubectl.apply(Self.sound.text)
        try await kubectl.wait("bucket/words", for: "condition=Accepted")
        try await kubectl.wait("workflow/subject", for: "condition=Accepted")
      }
    }

    @Test func `an image that does not exist is named`() async throws {
      try await TestNamespace.with("image") { namespace in
        let missing = "ghcr.io/pheromone-dev.invalid/nothing:9"
        var manifest = WorkflowManifest.faults(name: "subject")
        manifest.image = missing
        try await namespace.kubectl.apply(manifest.text)
        let reason = try await eventually("the pod says that its image cannot be had") {
          let pods = try await namespace.kubectl.pods(of: "subject")
          let statuses = pods.first?["status", "containerStatuses"]?.arrayValue ?? []
          let reason = statuses.compactMap { $0[path: "state", "waiting", "reason"]?.stringValue }.first
          guard let reason, reason != "PodInitializing" else { throw NotYet("\(pods.first?["status"] ?? .null)") }
          return reason
        }
        #expect(["ErrImagePull", "ImagePullBackOff", "InvalidImageName"].contains(reason))
        let message = try await namespace.notReady("subject", naming: missing)
        #expect(message.contains(missing))
        // A correction is all it takes.
        try await namespace.kubectl.apply(WorkflowManifest.faults(name: "subject").text)
        try await namespace.kubectl.wait("workflow/subject", for: "condition=Ready")
      }
    }

    @Test(.enabled(if: TestEnvironment.ownsCluster, "needs an image map"))
    func `a program that its image does not have is named`() async throws {
      try await TestNamespace.with("gone") { namespace in
        var manifest = WorkflowManifest.faults(name: "subject")
        manifest.image = "ghcr.io/pheromone-dev/gone:1"
        try await namespace.kubectl.apply(manifest.text)
        let message = try await namespace.notReady("subject", naming: "does not start")
        #expect(message.contains(#/exec: "\S+/gone": no such file/#), "\(message)")
        let pod = try #require(try await namespace.kubectl.pods(of: "subject").first)
        #expect(message.contains("kubectl logs \(pod.name) -c "), "\(message)")
      }
    }

    @Test func `a function that no container registers is named`() async throws {
      try await TestNamespace.with("unregistered") { namespace in
        try await namespace.kubectl.apply(WorkflowManifest.faults(name: "subject", also: ["never-written"]).text)
        let message = try await namespace.notReady("subject", naming: "never-written")
        #expect(message.contains("never-written"))
      }
    }
  }
}

extension TestNamespace {
  /// What the condition `Accepted` of a workflow or bucket says when it is False.
  func notAccepted() async throws -> String {
    try await eventually("a condition Accepted=False", within: .seconds(30)) {
      let conditions = try await kubectl.list("workflows,buckets").compactMap { $0.condition("Accepted") }
      let refused = conditions.filter { $0.status == "False" }.map { "\($0.reason): \($0.message)" }
      guard !refused.isEmpty else { throw NotYet("\(conditions)") }
      return refused.joined(separator: "\n")
    }
  }

  /// What the conditions of a workflow that is not ready say, once they name what is to blame.
  func notReady(_ workflow: String, naming text: String) async throws -> String {
    try await eventually("the conditions of \(workflow) name \(text)") {
      let object = try await kubectl.get("workflow", workflow)
      let conditions = try object?["status", "conditions"]?.decode([Condition].self) ?? []
      let ready = conditions.first { $0.type == "Ready" }
      let messages = conditions.map { "\($0.type)=\($0.status) \($0.reason): \($0.message)" }.joined(separator: "\n")
      guard ready?.status == "False", messages.contains(text) else { throw NotYet(messages) }
      return messages
    }
  }
}
