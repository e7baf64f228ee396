import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct WriteOptionsTests {
  @Test func deletionsMayBeDry() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let dry: JSONValue = ["kind": "DeleteOptions", "apiVersion": "v1", "dryRun": ["All"]]
    #expect(harness.delete(Harness.workflows + "/a", dry).code == 200)
    #expect(harness.delete(Harness.workflows, dry).code == 200)
    #expect(harness.delete(Harness.workflows + "/a?dryRun=All").code == 200)
    #expect(harness.get(Harness.workflows + "/a").code == 200)
    harness.delete(Harness.workflows + "/a?dryRun=All", ["propagationPolicy": "Background"])
    #expect(harness.get(Harness.workflows + "/a").code == 404, "where there is a body, the query does not count")
  }

  @Test func evictionsMayBeDry() {
    var harness = Harness()
    harness.create(Harness.pods, Harness.pod("p"))
    let body: JSONValue = ["metadata": ["name": "p"], "deleteOptions": ["dryRun": ["All"]]]
    #expect(harness.create(Harness.pods + "/p/eviction", body).code == 201)
    #expect(harness.create(Harness.pods + "/p/eviction?dryRun=All", ["metadata": ["name": "p"]]).code == 201)
    #expect(harness.get(Harness.pods + "/p").code == 200)
  }

  @Test(
    arguments: [
      ("POST", "?dryRun=Some", "CreateOptions", "dryRun: Unsupported value: [\"Some\"]: supported values: \"All\""),
      (
        "PUT", "/a?fieldValidation=strict", "UpdateOptions",
        "fieldValidation: Unsupported value: \"strict\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""
      ),
      ("PATCH", "/a?force=true", "PatchOptions", "force: Forbidden: may not be specified for non-apply patch"),
      ("DELETE", "/a?dryRun=Some", "DeleteOptions", "dryRun: Unsupported value: [\"Some\"]: supported values: \"All\""),
      (
        "DELETE", "/a?propagationPolicy=None", "DeleteOptions",
        "propagationPolicy: Unsupported value: \"None\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
      ),
    ]) func badOptionsAreRefused(method: String, path: String, kind: String, problem: String)
  {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let body: JSONValue? = method == "DELETE" ? Optional.none : Harness.workflow("a")
    let type = method == "PATCH" ? "application/merge-patch+json" : "application/json"
    let reply = harness.send(method, Harness.workflows + path, body, type: type)
    #expect(reply.code == 422 && reply.reason == "Invalid")
    #expect(reply.message == "\(kind).meta.k8s.io \"\" is invalid: \(problem)")
    #expect(harness.get(Harness.workflows + "/a").code == 200)
  }

  @Test func membersThatAreNamedTwiceAreFound() {
    let text = #"{"a": {"b": 1, "c": [{"d": "}\"", "d": 2}], "b": {"e": []}}, "f": "x", "a": null}"#
    #expect(DuplicateFields.paths(in: Data(text.utf8)) == ["a.c[0].d", "a.b", "a"])
    #expect(DuplicateFields.paths(in: Data(#"{"a": 1, "b": [1, [], {"a": true}]}"#.utf8)).isEmpty)
    let deep = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
    #expect(DuplicateFields.paths(in: Data(deep.utf8)).isEmpty)
  }

  @Test func duplicateFieldsAreRefusedOrWarnedOf() {
    var harness = Harness()
    let once = Harness.workflow("a").canonicalText
    let twice = once.replacingOccurrences(of: "\"entry\":", with: "\"entry\":\"split\",\"entry\":")
    func request(_ validation: String) -> APIRequest {
      APIRequest(
        method: "POST", path: Harness.workflows, query: ["fieldValidation": validation], body: Data(twice.utf8))
    }
    let strict = harness.send(request("Strict"))
    #expect(strict.code == 400)
    #expect(
      strict.message
        == "Workflow in version \"v1alpha1\" cannot be handled as a Workflow: strict decoding error: duplicate field \"spec.entry\""
    )
    let warned = harness.send(request("Warn"))
    #expect(warned.code == 201 && warned.warnings == ["duplicate field \"spec.entry\""])
  }

  @Test func strictPatchesAreRefusedAsInvalid() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let reply = harness.merge(Harness.workflows + "/a?fieldValidation=Strict", ["spec": ["replica": 1]])
    #expect(reply.code == 422)
    #expect(reply.message.hasPrefix(" \"\" is invalid: patch: Invalid value: "))
    #expect(reply.message.hasSuffix("strict decoding error: unknown field \"spec.replica\""))
  }

  @Test func customObjectsSayWhatTheyAre() {
    var harness = Harness()
    var unnamed = Harness.workflow("a")
    unnamed["kind"] = nil
    let text = unnamed.canonicalText
    #expect(
      harness.create(Harness.workflows, unnamed).message
        == "the object provided is unrecognized (must be of type Workflow): Object 'Kind' is missing in '\(text)' (\(text.prefix(30)) ...)"
    )
    unnamed = Harness.workflow("a")
    unnamed["apiVersion"] = nil
    let reply = harness.create(Harness.workflows, unnamed)
    #expect(reply.code == 400)
    #expect(
      reply.message
        == "the API version in the data () does not match the expected API version (pheromone.dev/v1alpha1)")
    #expect(
      harness.create(Harness.pods, ["metadata": ["name": "p"], "spec": Harness.pod("p")["spec"] ?? [:]]).code == 201)
  }
}
