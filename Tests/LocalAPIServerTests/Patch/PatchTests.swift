import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct PatchTests {
  @Test func mergePatchReplacesListsAndRemovesNulls() {
    let target: JSONValue = ["a": [1, 2], "b": ["c": 1, "d": 2]]
    #expect(MergePatch.apply(["a": [3], "b": ["c": nil]], to: target) == ["a": [3], "b": ["d": 2]])
  }

  @Test func jsonPatchPerformsEveryOperation() throws {
    let target: JSONValue = ["a": ["x", "y"], "b": 1]
    let patch: JSONValue = [
      ["op": "test", "path": "/b", "value": 1], ["op": "add", "path": "/a/-", "value": "z"],
      ["op": "remove", "path": "/a/0"], ["op": "replace", "path": "/b", "value": 2],
      ["op": "copy", "from": "/b", "path": "/c~1d"], ["op": "move", "from": "/b", "path": "/e"],
    ]
    #expect(try JSONPatch.apply(patch, to: target) == ["a": ["y", "z"], "c/d": 2, "e": 2])
    #expect(throws: JSONPatch.Failure.self) {
      try JSONPatch.apply([["op": "test", "path": "/b", "value": 9]], to: target)
    }
    #expect(throws: JSONPatch.Failure.self) { try JSONPatch.apply([["op": "remove", "path": "/nope"]], to: target) }
  }

  @Test func strategicMergeKnowsTheKeysOfLists() {
    let schema = Schema(CoreTypes.notation.schema("Pod"))
    let pod: JSONValue = [
      "spec": [
        "containers": [["name": "a", "image": "1"], ["name": "b", "image": "1"]], "tolerations": [["key": "t"]],
      ],
      "metadata": ["finalizers": ["x"]],
    ]
    let patch: JSONValue = [
      "spec": [
        "containers": [["name": "b", "image": "2"], ["name": "a", "$patch": "delete"]], "tolerations": [["key": "u"]],
      ],
      "metadata": ["finalizers": ["y"], "$deleteFromPrimitiveList/finalizers": ["x"]],
    ]
    let result = StrategicMergePatch.apply(patch, to: pod, schema)
    #expect(result[path: "spec", "containers"] == [["name": "b", "image": "2"]])
    #expect(result[path: "spec", "tolerations"] == [["key": "u"]], "tolerations are replaced")
    #expect(result[path: "metadata", "finalizers"]?.arrayValue?.contains("y") == true)
  }

  @Test func customKindsRefuseStrategicMerge() {
    var harness = Harness()
    harness.create(Harness.workflows, Harness.workflow("a"))
    let reply = harness.send(
      "PATCH", Harness.workflows + "/a", ["spec": [:]], type: "application/strategic-merge-patch+json")
    #expect(reply.code == 415)
  }

  @Test func podsKeepTheirSpecButForImages() {
    var harness = Harness()
    harness.create(Harness.pods, Harness.pod("p"))
    let path = Harness.pods + "/p"
    let strategic = "application/strategic-merge-patch+json"
    let image: JSONValue = ["spec": ["containers": [["name": "app", "image": "example:2"]]]]
    #expect(harness.send("PATCH", path, image, type: strategic).code == 200)
    let grace = harness.merge(path, ["spec": ["terminationGracePeriodSeconds": 99]])
    #expect(grace.code == 422)
    #expect(grace.message.contains("pod updates may not change fields other than `spec.containers[*].image`"))
    #expect(harness.merge(path, ["spec": ["nodeName": "n"]]).code == 200, "a scheduler may bind by patch")
    #expect(harness.merge(path, ["spec": ["nodeName": "m"]]).code == 422)
  }
}
