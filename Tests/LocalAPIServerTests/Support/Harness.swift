import Foundation
import KubernetesAPI

@testable import LocalAPIServer

/// A state with the draft definitions and a clock that only tests move.
struct Harness {
  var state = ClusterState(revision: 276, seed: 7)
  var now = Date(timeIntervalSince1970: 1_800_000_000)
  /// The changes of all requests so far.
  private(set) var changes: [Change] = []

  init() {
    create("/api/v1/namespaces", ["metadata": ["name": "default"]])
    for definition in DraftDefinitions.all {
      create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition)
    }
  }

  struct Reply {
    var code: Int
    var document: JSONValue
    var contentType = "application/json"
    var warnings: [String] = []
    var watch: WatchPlan?
    var log: PodLogRequest?
    var forward: PortForwardTarget?

    var message: String { document["message"]?.stringValue ?? "" }
    var reason: String { document["reason"]?.stringValue ?? "" }
    var items: [JSONValue] { document["items"]?.arrayValue ?? [] }
    var names: [String] { items.compactMap { $0[path: "metadata", "name"]?.stringValue } }
  }

  @discardableResult
  mutating func send(_ request: APIRequest) -> Reply {
    let outcome = state.handle(request, now: now)
    changes += outcome.changes
    switch outcome.answer {
    case .document(let code, let document, let warnings, let type):
      return Reply(code: code, document: document, contentType: type, warnings: warnings)
    case .text(let code, let text):
      return Reply(code: code, document: .string(text), contentType: "text/plain; charset=utf-8")
    case .bytes(let type, _): return Reply(code: 200, document: .null, contentType: type)
    case .watch(let plan): return Reply(code: 200, document: .null, watch: plan)
    case .podLog(let log): return Reply(code: 200, document: .null, log: log)
    case .portForward(let target): return Reply(code: 200, document: .null, forward: target)
    }
  }

  @discardableResult
  mutating func send(
    _ method: String, _ path: String, _ body: JSONValue? = nil, type: String = "application/json",
    accept: String = "application/json"
  ) -> Reply {
    let parts = path.split(separator: "?", maxSplits: 1)
    var request = APIRequest(method: method, path: String(parts[0]))
    for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      request.query[String(sides[0])] = sides.count > 1 ? String(sides[1]).removingPercentEncoding : ""
    }
    request.contentType = type
    request.accept = accept
    if let body { request.body = body.canonicalData() }
    return send(request)
  }

  @discardableResult
  mutating func get(_ path: String, accept: String = "application/json") -> Reply {
    send("GET", path, accept: accept)
  }

  @discardableResult
  mutating func create(_ path: String, _ body: JSONValue) -> Reply { send("POST", path, body) }

  @discardableResult
  mutating func merge(_ path: String, _ body: JSONValue) -> Reply {
    send("PATCH", path, body, type: "application/merge-patch+json")
  }

  @discardableResult
  mutating func apply(_ path: String, _ body: JSONValue) -> Reply {
    send("PATCH", path, body, type: "application/apply-patch+yaml")
  }

  @discardableResult
  mutating func delete(_ path: String, _ options: JSONValue? = nil) -> Reply { send("DELETE", path, options) }

  static let workflows = "/apis/pheromone.dev/v1alpha1/namespaces/default/workflows"
  static let pods = "/api/v1/namespaces/default/pods"

  static func workflow(_ name: String) -> JSONValue {
    [
      "apiVersion": "pheromone.dev/v1alpha1", "kind": "Workflow", "metadata": ["name": .string(name)],
      "spec": [
        "entry": "split", "functions": [["name": "split"], ["name": "count"]],
        "template": ["spec": ["containers": [["name": "app", "image": "ghcr.io/acme/wordcount:1.0"]]]],
      ],
    ]
  }

  static func pod(_ name: String, owner: JSONValue? = nil) -> JSONValue {
    var pod: JSONValue = [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name)],
      "spec": ["containers": [["name": "app", "image": "example:1"]]],
    ]
    if let owner {
      pod[path: "metadata", "ownerReferences"] = [
        [
          "apiVersion": "pheromone.dev/v1alpha1", "kind": "Workflow", "name": owner[path: "metadata", "name"] ?? "",
          "uid": owner[path: "metadata", "uid"] ?? "", "controller": true, "blockOwnerDeletion": true,
        ]
      ]
    }
    return pod
  }
}
