import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct SchemaTests {
  @Test(
    arguments: [
      (["type": "integer", "minimum": 1], 0, "x: Invalid value: 0: x in body should be greater than or equal to 1"),
      (["type": "integer", "maximum": 3], 4, "x: Invalid value: 4: x in body should be less than or equal to 3"),
      (
        ["type": "integer"], "two", "x: Invalid value: \"string\": x in body must be of type integer: \"string\""
      ),
      (["type": "string", "maxLength": 2], "abc", "x: Too long: may not be more than 2 bytes"),
      (["type": "string", "minLength": 2], "a", "x: Invalid value: \"a\": x in body should be at least 2 chars long"),
      (["type": "string", "pattern": "^[a-z]+$"], "A", "x: Invalid value: \"A\": x in body should match '^[a-z]+$'"),
      (
        ["type": "string", "enum": ["A", "B"]], "C", "x: Unsupported value: \"C\": supported values: \"A\", \"B\""
      ),
      (["type": "array", "minItems": 1], [], "x: Invalid value: 0: x in body should have at least 1 items"),
      (["type": "array", "maxItems": 1], [1, 2], "x: Too many: 2: must have at most 1 items"),
      (["type": "object", "required": ["a"]], [:], "x.a: Required value"),
      (
        ["x-kubernetes-int-or-string": true], true,
        "x: Invalid value: \"boolean\": x in body must be of type integer,string: \"boolean\""
      ),
    ] as [(JSONValue, JSONValue, String)])
  func refusals(schema: JSONValue, value: JSONValue, message: String) {
    #expect(Schema(schema).errors(in: value, at: "x").map(\.description) == [message])
  }

  @Test func duplicatesInSetsAndMapsAreNamed() {
    let map = Schema(["type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]])
    #expect(
      map.duplicates(in: [["name": "a"], ["name": "a"]], at: "x").map(\.description) == [
        "x[1]: Duplicate value: {\"name\":\"a\"}"
      ])
    let set = Schema(["type": "array", "x-kubernetes-list-type": "set"])
    #expect(set.duplicates(in: ["a", "b", "a"], at: "x").map(\.description) == ["x[2]: Duplicate value: \"a\""])
  }

  @Test func defaultsGoDeep() {
    let schema = Schema([
      "type": "object",
      "properties": [
        "a": ["type": "object", "default": [:], "properties": ["b": ["type": "integer", "default": 1]]],
        "c": ["type": "array", "items": ["type": "object", "properties": ["d": ["type": "string", "default": "x"]]]],
      ],
    ])
    #expect(schema.defaulted(["c": [[:]]]) == ["a": ["b": 1], "c": [["d": "x"]]])
  }

  @Test func unknownFieldsArePrunedUnlessTheyArePreserved() {
    let schema = Schema([
      "type": "object",
      "properties": [
        "a": ["type": "object", "properties": ["b": ["type": "string"]]],
        "free": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
      ],
    ])
    let (value, unknown) = schema.pruned(["a": ["b": "x", "c": 1], "free": ["y": 1], "z": 1])
    #expect(value == ["a": ["b": "x"], "free": ["y": 1]])
    #expect(unknown == ["a.c", "z"])
  }

  @Test func fieldsThatMustNotChangeDoNot() {
    var harness = Harness()
    let path = "/apis/pheromone.dev/v1alpha1/namespaces/default/buckets"
    harness.create(
      path,
      [
        "apiVersion": "pheromone.dev/v1alpha1", "kind": "Bucket", "metadata": ["name": "words"],
        "spec": ["workflow": "a"],
      ])
    let reply = harness.merge(path + "/words", ["spec": ["workflow": "other"]])
    #expect(
      reply.message
        == "Bucket.pheromone.dev \"words\" is invalid: spec.workflow: Invalid value: \"other\": workflow is immutable")
  }

  @Test func theNotationKnowsListsOfPods() {
    let schema = Schema(CoreTypes.notation.schema("Pod"))
    let container = schema.properties["spec"]?.properties["containers"]
    #expect(container?.listType == .map && container?.patchMergeKey == "name")
    #expect(container?.items?.properties["ports"]?.listKeys == ["containerPort", "protocol"])
    #expect(schema.properties["spec"]?.properties["nodeSelector"]?.isAtomicMap == true)
  }
}
