import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct MetadataRulesTests {
  private static let maps = "/api/v1/namespaces/default/configmaps"

  private func message(_ metadata: JSONValue) -> String {
    var harness = Harness()
    var metadata = metadata
    metadata["name"] = "c"
    return harness.create(Self.maps, ["metadata": metadata]).message
  }

  @Test func keysAreQualifiedNames() {
    #expect(QualifiedName.problems(with: "example.com/My_name.1").isEmpty)
    #expect(QualifiedName.problems(with: "a").isEmpty)
    #expect(QualifiedName.problems(with: String(repeating: "a", count: 63)).isEmpty)
    #expect(
      QualifiedName.problems(with: String(repeating: "a", count: 64)) == ["name part must be no more than 63 bytes"])
    #expect(QualifiedName.problems(with: "/a") == ["prefix part must be non-empty"])
    #expect(QualifiedName.problems(with: "a/").first == "name part must be non-empty")
    #expect(QualifiedName.problems(with: "A/a").first?.hasPrefix("prefix part a lowercase RFC 1123") == true)
    #expect(QualifiedName.problems(with: "a/b/c").first?.hasPrefix("a qualified name must consist of") == true)
    #expect(QualifiedName.problems(with: "a b").first?.hasPrefix("name part must consist of") == true)
  }

  @Test func labelsAndAnnotationsAreChecked() {
    #expect(
      message(["labels": ["a b": "x"]]).contains("metadata.labels: Invalid value: \"a b\": name part must consist"))
    #expect(message(["annotations": ["-": "x"]]).contains("metadata.annotations: Invalid value: \"-\""))
    #expect(message(["annotations": ["Some.Key/Name": "x"]]) == "")
    let large = JSONValue.string(String(repeating: "x", count: 256 << 10))
    #expect(
      message(["annotations": ["a": large]])
        == "ConfigMap \"c\" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes")
  }

  @Test func finalizersAreChecked() {
    #expect(
      message(["finalizers": ["mine"]])
        == "ConfigMap \"c\" is invalid: metadata.finalizers: Invalid value: \"mine\": name is neither a standard finalizer name nor is it fully qualified"
    )
    #expect(message(["finalizers": ["orphan", "foregroundDeletion"]]).contains("cannot be both set"))
    #expect(message(["finalizers": ["example.com/x", "kubernetes"]]) == "")
  }

  @Test func ownersAreChecked() {
    let owner: JSONValue = ["apiVersion": "v1", "kind": "Node", "name": "n", "uid": "u", "controller": true]
    var other = owner
    other["name"] = "m"
    other["uid"] = "w"
    #expect(
      message(["ownerReferences": [owner, other]]).contains(
        "Only one reference can have Controller set to true. Found \"true\" in references for Node/n and Node/m"))
    other["uid"] = ""
    #expect(
      message(["ownerReferences": [other]]).contains(
        "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty"))
    other["apiVersion"] = nil
    #expect(message(["ownerReferences": [other]]).contains("version must not be empty"))
    #expect(message(["ownerReferences": [owner]]) == "")
  }

  @Test func eventsAreChecked() {
    var harness = Harness()
    let path = "/apis/events.k8s.io/v1/namespaces/default/events"
    let event: JSONValue = [
      "metadata": ["generateName": "e-"], "eventTime": "2026-11-23T00:00:00.000000Z",
      "reportingController": "example.com/c", "reportingInstance": "i", "action": "A", "reason": "R", "type": "Normal",
      "note": "text", "regarding": ["kind": "Pod", "namespace": "default", "name": "a"],
    ]
    func message(_ field: String, _ value: JSONValue?) -> String {
      var event = event
      event[field] = value
      return harness.create(path, event).message
    }
    #expect(message("note", .string(String(repeating: "x", count: 1024))) == "")
    #expect(
      message("note", .string(String(repeating: "x", count: 1025)))
        .hasSuffix("message: Invalid value: \"\": can have at most 1024 characters"))
    #expect(message("series", ["count": 1]).contains("series.count: Invalid value: \"\": should be at least 2"))
    #expect(message("series", ["count": 1]).contains("series.lastObservedTime: Required value"))
    #expect(message("type", "Notice").contains("type: Invalid value: \"\": has invalid value: Notice"))
    #expect(message("reportingController", nil).contains("reportingController: Required value"))
    #expect(message("eventTime", nil).contains("eventTime: Required value"))
    #expect(
      message("regarding", ["kind": "Pod", "namespace": "other"]).isEmpty,
      "that the namespaces agree only old ones have to")
    let name = harness.create(path, event).document[path: "metadata", "name"]?.stringValue ?? ""
    let changed = harness.merge("\(path)/\(name)", ["note": "other"])
    #expect(changed.code == 422 && changed.message.contains("message: Invalid value: \"other\": field is immutable"))
    let counted = harness.merge(
      "\(path)/\(name)", ["series": ["count": 2, "lastObservedTime": "2026-11-23T00:00:01.000000Z"]])
    #expect(counted.code == 200)
    let core: JSONValue = ["metadata": ["name": "old"], "involvedObject": ["namespace": "other"]]
    #expect(
      harness.create("/api/v1/namespaces/default/events", core).message.contains(
        "involvedObject.namespace: Invalid value: \"other\": does not match event.namespace"))
  }

  @Test func closedConfigurationStays() {
    var harness = Harness()
    let map: JSONValue = ["metadata": ["name": "c"], "data": ["a": "1"], "immutable": true]
    #expect(harness.create(Self.maps, map).code == 201)
    let changed = harness.merge(Self.maps + "/c", ["data": ["a": "2"]])
    #expect(
      changed.message == "ConfigMap \"c\" is invalid: data: Forbidden: field is immutable when `immutable` is set")
    let opened = harness.merge(Self.maps + "/c", ["immutable": false])
    #expect(opened.message.contains("immutable: Forbidden: field is immutable when `immutable` is set"))
    #expect(harness.merge(Self.maps + "/c", ["metadata": ["labels": ["a": "b"]]]).code == 200)
    let bad = harness.create(Self.maps, ["metadata": ["name": "d"], "data": ["a b": "1"]])
    #expect(bad.message.contains("data[a b]: Invalid value: \"a b\": a valid config key must consist of"))
    let secrets = "/api/v1/namespaces/default/secrets"
    harness.create(secrets, ["metadata": ["name": "s"], "stringData": ["a": "1"]])
    #expect(harness.merge(secrets + "/s", ["type": "other"]).message.contains("type: Invalid value: \"other\""))
    #expect(harness.merge(secrets + "/s", ["stringData": ["a": "2"]]).code == 200)
  }

  @Test func leasesAreChecked() {
    var harness = Harness()
    let path = "/apis/coordination.k8s.io/v1/namespaces/default/leases"
    func message(_ spec: JSONValue) -> String {
      harness.create(path, ["metadata": ["generateName": "l-"], "spec": spec]).message
    }
    #expect(
      message(["leaseDurationSeconds": 0]).hasSuffix(
        "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"))
    #expect(message(["leaseTransitions": -1]).contains("must be greater than or equal to 0"))
    #expect(message(["leaseDurationSeconds": 15, "leaseTransitions": 0]) == "")
  }
}
