import Foundation
import KubectlVersion
import KubernetesAPI

/// The real kubectl, in one namespace.
struct Kubectl {
  var namespace: String?

  /// Whether the kubectl under test is new enough for something.
  static func knows(_ feature: KubectlVersion.Feature) async throws -> Bool {
    let text = try await Command(program: TestEnvironment.kubectl, arguments: ["version", "--client"]).run().output
    return KubectlVersion(text)?.knows(feature) ?? false
  }

  /// Whether the pods run as processes, on the local cluster, whoever started it, or on a virtual node. Nodes say so.
  static func isClusterLocal() async throws -> Bool {
    if TestEnvironment.nodes != nil { return true }
    // Who may not see nodes is not on the local cluster.
    let nodes = try await Kubectl().outcome(
      "get", "nodes", "--output", "jsonpath={.items[*].status.nodeInfo.containerRuntimeVersion}")
    return nodes.succeeded && nodes.output.hasPrefix("process://")
  }

  private func command(_ arguments: [String], input: String? = nil, seconds: Int = 60) -> Command {
    let place = namespace.map { ["--namespace", $0] } ?? []
    return Command(
      program: TestEnvironment.kubectl, arguments: place + arguments, input: input, seconds: seconds)
  }

  /// Runs kubectl, which has to succeed, and returns what it wrote.
  @discardableResult
  func callAsFunction(_ arguments: String..., input: String? = nil, seconds: Int = 60) async throws -> String {
    try await command(arguments, input: input, seconds: seconds).run().output
  }

  /// Runs kubectl, whatever comes of it.
  func outcome(_ arguments: String..., input: String? = nil, seconds: Int = 60) async throws -> Command.Outcome {
    try await command(arguments, input: input, seconds: seconds).outcome()
  }

  func apply(_ manifest: String) async throws { try await self("apply", "-f", "-", input: manifest) }

  /// One object; nil if there is none.
  func get(_ resource: String, _ name: String) async throws -> KubernetesObject? {
    let text = try await self("get", resource, name, "--ignore-not-found", "--output", "json")
    guard !text.isEmpty else { return nil }
    return KubernetesObject(try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)))
  }

  func list(_ resource: String, selector: String? = nil) async throws -> [KubernetesObject] {
    let text = try await command(
      ["get", resource, "--output", "json"] + (selector.map { ["--selector", $0] } ?? [])
    ).run().output
    let list = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
    return (list["items"]?.arrayValue ?? []).map { KubernetesObject($0) }
  }

  /// Puts `status` over that of an object. Old versions of kubectl have no flag for subresources, but all send what one
  /// tells them to.
  func setStatus(_ resource: String, _ name: String, _ status: JSONValue) async throws {
    guard var object = try await get(resource, name) else { throw NotYet("there is no \(resource)/\(name)") }
    for (field, value) in status.objectValue ?? [:] { object["status", field] = value }
    try await self(
      "replace", "--raw", "/api/v1/namespaces/\(object.namespace ?? "")/\(resource)/\(name)/status", "-f", "-",
      input: object.document.canonicalText)
  }

  /// The workflow's executor pods that are not on their way out.
  func pods(of workflow: String) async throws -> [KubernetesObject] {
    try await list("pods", selector: "pheromone.dev/workflow=\(workflow)").filter { !$0.isBeingDeleted }
  }

  /// Waits for a condition; if it does not come, the failure tells the state of the object.
  func wait(_ object: String, for condition: String, seconds: Int = 90) async throws {
    let outcome = try await command(
      ["wait", object, "--for=\(condition)", "--timeout=\(seconds)s"], seconds: seconds + 10
    ).outcome()
    guard outcome.succeeded else {
      let state = try await command(["get", object, "--output", "yaml"]).outcome()
      let pods = try await command(["get", "pods", "--output", "wide"]).outcome()
      throw NotYet("\(outcome)\n\(state.output)\n\(pods.output)")
    }
  }
}

extension KubernetesObject {
  func condition(_ type: String) -> Condition? {
    let conditions = try? self["status", "conditions"]?.decode([Condition].self)
    return conditions?.first { $0.type == type }
  }

  /// As it stands there: those of pods and nodes need neither reason nor message.
  func plainCondition(_ type: String) -> JSONValue? {
    (self["status", "conditions"]?.arrayValue ?? []).first { $0["type"]?.stringValue == type }
  }
}
