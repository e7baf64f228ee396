import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct ListTests {
  private static let maps = "/api/v1/namespaces/default/configmaps"

  private static func harness(_ names: String...) -> Harness {
    var harness = Harness()
    for name in names { harness.create(maps, ["metadata": ["name": .string(name)]]) }
    return harness
  }

  private static func token(_ reply: Harness.Reply) -> String {
    reply.document[path: "metadata", "continue"]?.stringValue ?? ""
  }

  @Test func pagesAreOfOneMoment() {
    var harness = Self.harness("a", "b", "c", "d")
    let first = harness.get(Self.maps + "?limit=2")
    harness.delete(Self.maps + "/c")
    harness.create(Self.maps, ["metadata": ["name": "bb"]])
    harness.merge(Self.maps + "/d", ["data": ["k": "v"]])
    let second = harness.get(Self.maps + "?limit=1&continue=\(Self.token(first))")
    #expect(second.names == ["c"])
    #expect(second.document[path: "metadata", "resourceVersion"] == first.document[path: "metadata", "resourceVersion"])
    #expect(second.document[path: "metadata", "remainingItemCount"] == 1)
    let third = harness.get(Self.maps + "?limit=1&continue=\(Self.token(second))")
    #expect(third.names == ["d"] && third.items.first?["data"] == nil && Self.token(third) == "")
    #expect(harness.get(Self.maps).names == ["a", "b", "bb", "d"])
  }

  @Test func pagesCrossNamespaces() {
    var harness = Self.harness("a", "b")
    harness.create("/api/v1/namespaces", ["metadata": ["name": "other"]])
    harness.create("/api/v1/namespaces/other/configmaps", ["metadata": ["name": "a"]])
    var names: [String] = []
    var token = ""
    repeat {
      let reply = harness.get("/api/v1/configmaps?limit=1&continue=\(token)")
      names += reply.items.map { item in
        "\(item[path: "metadata", "namespace"]?.stringValue ?? "")/\(item[path: "metadata", "name"]?.stringValue ?? "")"
      }
      token = Self.token(reply)
    } while !token.isEmpty && names.count < 10
    #expect(names == ["default/a", "default/b", "other/a"])
  }

  @Test func tokensExpireAndSayHowToGoOn() {
    var harness = Self.harness("a", "b", "c")
    let first = harness.get(Self.maps + "?limit=1")
    let version = first.document[path: "metadata", "resourceVersion"]?.stringValue ?? ""
    for index in 0...ClusterState.historyLimit {
      harness.merge(Self.maps + "/a", ["data": ["k": .string(String(index))]])
    }
    let expired = harness.get(Self.maps + "?limit=1&continue=\(Self.token(first))")
    #expect(expired.code == 410 && expired.reason == "Expired")
    #expect(
      expired.message.hasPrefix("The provided continue parameter is too old to display a consistent list result."))
    let rest = harness.get(Self.maps + "?continue=\(Self.token(expired))")
    #expect(rest.names == ["b", "c"])
    let exact = harness.get(Self.maps + "?resourceVersion=\(version)&resourceVersionMatch=Exact")
    #expect(exact.code == 410 && exact.message == "The resourceVersion for the provided list is too old.")
    #expect(harness.get(Self.maps + "?resourceVersion=\(version)").code == 200, "not older than that")
  }

  @Test func versionsAreExactOrNotOlder() {
    var harness = Self.harness("a")
    let version = harness.get(Self.maps).document[path: "metadata", "resourceVersion"]?.stringValue ?? ""
    harness.create(Self.maps, ["metadata": ["name": "b"]])
    func names(_ query: String) -> [String] { harness.get("\(Self.maps)?resourceVersion=\(version)\(query)").names }
    #expect(names("&resourceVersionMatch=Exact") == ["a"])
    #expect(names("&resourceVersionMatch=NotOlderThan") == ["a", "b"])
    #expect(names("") == ["a", "b"])
    #expect(names("&limit=5") == ["a"], "a page names its version exactly")
    #expect(harness.get(Self.maps + "?resourceVersion=0").names == ["a", "b"])
    for path in [Self.maps, Self.maps + "/a"] {
      let future = harness.get(path + "?resourceVersion=99999999")
      #expect(future.code == 504 && future.reason == "Timeout")
      #expect(future.message.hasPrefix("Timeout: Too large resource version: 99999999, current: "))
      #expect(future.document[path: "details", "causes"]?[0]?["reason"] == "ResourceVersionTooLarge")
      #expect(harness.get(path + "?resourceVersion=x").code == 400)
    }
  }

  @Test(
    arguments: [
      ("resourceVersionMatch=Exact", "Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"),
      (
        "resourceVersionMatch=Exact&resourceVersion=0",
        "Forbidden: resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""
      ),
      (
        "resourceVersionMatch=Newer&resourceVersion=1",
        "Unsupported value: \"Newer\": supported values: \"Exact\", \"NotOlderThan\", \"\""
      ),
    ]) func badMatchesAreRefused(query: String, problem: String)
  {
    var harness = Harness()
    let reply = harness.get(Self.maps + "?" + query)
    #expect(reply.code == 422)
    #expect(reply.message == "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: \(problem)")
  }

  @Test func badTokensAreRefused() {
    var harness = Self.harness("a")
    let other = ContinueToken(revision: 0, start: ObjectKey(namespace: "default", name: "a")).text(namespace: "default")
    for token in ["%21", "e30", other] {
      let reply = harness.get("\(Self.maps)?continue=\(token)")
      #expect(reply.code == 400 && reply.message.hasPrefix("continue key is not valid"))
    }
    #expect(harness.get(Self.maps + "?continue=x&resourceVersion=5").code == 400)
  }

  @Test func howMuchRemainsIsUnknownWithASelector() {
    var harness = Self.harness("a", "b")
    let reply = harness.get(Self.maps + "?limit=1&fieldSelector=metadata.namespace%3Ddefault")
    #expect(reply.names == ["a"] && !Self.token(reply).isEmpty)
    #expect(reply.document[path: "metadata", "remainingItemCount"] == nil)
  }
}
