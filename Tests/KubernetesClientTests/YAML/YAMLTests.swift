import KubernetesAPI
import KubernetesClient
import Testing

@Suite struct YAMLTests {
  @Test(arguments: [
    ("true", JSONValue.bool(true)), ("False", .bool(false)), ("yes", .bool(true)), ("\"yes\"", .string("yes")),
    ("null", .null), ("~", .null), ("'null'", .string("null")), ("12", .integer(12)), ("-3", .integer(-3)),
    ("0x1f", .integer(31)), ("010", .integer(8)), ("1.5", .number(1.5)), ("1e3", .number(1000)),
    ("'12'", .string("12")),
    ("1.2.3", .string("1.2.3")), ("infinity", .string("infinity")), ("0x1p3", .string("0x1p3")), ("+", .string("+")),
    ("y", .bool(true)),
    ("2001-01-01", .string("2001-01-01")), ("!!str 12", .string("12")), ("10Gi", .string("10Gi")),
  ])
  func resolvesScalars(text: String, value: JSONValue) throws {
    let documents = try YAML.parse("key: \(text)", file: "f")
    #expect(documents == [["key": value]])
  }

  @Test func readsSeveralDocumentsAndSkipsEmptyOnes() throws {
    #expect(
      try YAML.parse("a: 1\n---\n---\n# nothing\n---\nb: [x, {k: z}]\n", file: "f") == [
        ["a": 1], ["b": ["x", ["k": "z"]]],
      ])
    #expect(try YAML.parse("", file: "f").isEmpty)
  }

  @Test func readsJSON() throws {
    #expect(try YAML.parse(#"{"a": [1, "two", null]}"#, file: "f") == [["a": [1, "two", nil]]])
  }

  @Test func expandsAnchorsAndMerges() throws {
    let text = "base: &base {a: 1, b: 2}\ncopy: *base\nmerged:\n  <<: *base\n  b: 3\n"
    #expect(
      try YAML.parse(text, file: "f") == [
        ["base": ["a": 1, "b": 2], "copy": ["a": 1, "b": 2], "merged": ["a": 1, "b": 3]]
      ])
  }

  @Test func boundsExpansion() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      let references = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(references)]\n"
    }
    #expect { try YAML.parse(text, file: "bomb") } throws: { "\($0)".contains("aliases expanded") }
  }

  @Test func boundsDepth() {
    let text = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
    #expect { try YAML.parse(text, file: "deep") } throws: { "\($0)".contains("deep:1:") }
  }

  @Test(arguments: [
    ("a: 1\nb: [1, 2\nc: 3\n", 3), ("a: 1\na: 2\n", 2), ("a:\n\t- b\n", 2), ("a: *nothing\n", 1), ("x: .inf", 1),
    ("a: !!int text", 1), ("? [a]\n: b\n", 1), ("a: !unknown b", 1),
  ])
  func saysWhereItIsWrong(text: String, line: Int) throws {
    let error = try #require(throws: YAMLError.self) { try YAML.parse(text, file: "m.yaml") }
    #expect(error.line == line)
    #expect(error.column >= 1)
    #expect(error.description.hasPrefix("m.yaml:\(line):\(error.column): "))
  }

  @Test func findsPlaces() throws {
    let text = "kind: Bucket\n---\nspec:\n  triggers:\n  - name: one\n    target: a\n  - {name: two, target: b}\n"
    let document = try #require(try YAML.parseWithLines(text, file: "b.yaml").last)
    #expect(document.place(of: "spec.triggers[1].target") == "b.yaml:7:17")
    #expect(document.place(of: "spec.triggers[0].target") == "b.yaml:6:5")
    #expect(document.position(of: "spec.triggers[name=two]").line == 7)
    #expect(document.position(of: "spec.triggers[0].missing").line == 5)
    #expect(document.position(of: "nothing.here").line == 3)
  }
}
