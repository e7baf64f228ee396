import Foundation
import KubernetesAPI
import Testing

@testable import LocalAPIServer

/// Plays the recorded requests, in their order, and compares the answers.
@Suite struct ReplayTests {
  /// What the recordings leave out between two exchanges.
  private static func prepare(_ name: String, _ harness: inout Harness) {
    switch name.prefix(2) {
    case "59":
      harness.create(
        "/apis/pheromone.dev/v1alpha1/namespaces/default/buckets",
        [
          "apiVersion": "pheromone.dev/v1alpha1", "kind": "Bucket", "metadata": ["name": "words"],
          "spec": ["workflow": "a"],
        ])
    case "60": harness.merge(Harness.workflows + "/a", ["metadata": ["finalizers": ["pheromone.dev/drain"]]])
    case "64":
      let owner = harness.get(Harness.workflows + "/s").document
      harness.create(Harness.pods, Harness.pod("blocker", owner: owner))
    case "67":
      harness.create("/api/v1/namespaces", ["metadata": ["name": "tmp"]])
      harness.create("/api/v1/namespaces/tmp/pods", Harness.pod("p"))
      harness.create("/api/v1/namespaces/tmp/pods/p/binding", ["target": ["name": "n"]])
    default: break
    }
  }

  /// Recordings about things that the local cluster answers in its own way: discovery of kinds that it does not have (see
  /// `discoveryAgrees`), and rules in CEL.
  private static func isComparable(_ name: String) -> Bool {
    guard let number = Int(name.prefix(2)) else { return false }
    return number >= 8 && number != 12
  }

  @Test func answersAgree() throws {
    var harness = Harness()
    var names: [String: String] = [:]
    for exchange in try Contract.recordings() where Self.isComparable(exchange.name) {
      Self.prepare(exchange.name, &harness)
      func translated(_ text: String) -> String {
        names.reduce(text) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
      }
      let path = translated(exchange.path)
      var request = APIRequest(method: exchange.method, path: String(path.split(separator: "?")[0]))
      for pair in (URLComponents(string: path)?.queryItems ?? []) { request.query[pair.name] = pair.value ?? "" }
      request.accept = exchange.headers["accept"] ?? ""
      request.contentType = exchange.headers["content-type"] ?? ""
      request.body = Data(translated(exchange.body).utf8)
      let reply = harness.send(request)
      #expect(reply.code == exchange.code, "\(exchange.name): \(reply.document.canonicalText)")
      if let plan = reply.watch {
        var isFirst = true
        let lines = plan.opening(now: harness.now, isFirst: &isFirst).map { Self.comparable($0).canonicalText }
        let expected = try Self.events(exchange.answer).map { Self.comparable($0).canonicalText }
        #expect(expected.map(translated) == lines, "\(exchange.name)")
        continue
      }
      guard let expected = try? JSONValue(parsing: exchange.answer) else {
        #expect(reply.document.stringValue?.trimmingCharacters(in: .whitespacesAndNewlines) == exchange.answer)
        continue
      }
      Self.learn(expected, reply.document, into: &names)
      let one = Self.comparable(expected).canonicalText
      let other = Self.comparable(reply.document).canonicalText
      #expect(translated(one) == other, "\(exchange.name)")
    }
  }

  /// The events of a stream: one a line, or a single one that is laid out.
  private static func events(_ text: String) throws -> [JSONValue] {
    if let whole = try? JSONValue(parsing: text) { return [whole] }
    return try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
  }

  /// The local API server has fewer groups; what it says of one is what a real one says.
  @Test(arguments: ["03", "04", "05"]) func discoveryAgrees(number: String) throws {
    let exchange = try #require(try Contract.recordings().first { $0.name.hasPrefix(number) })
    var harness = Harness()
    let reply = harness.get(exchange.path, accept: exchange.headers["accept"] ?? "")
    #expect(reply.code == exchange.code)
    let real = try JSONValue(parsing: exchange.answer)
    for field in ["kind", "apiVersion", "name", "groupVersion", "versions", "preferredVersion"] {
      #expect(reply.document[field] == real[field], "\(field)")
    }
    for list in ["groups", "resources"] {
      let others = real[list]?.arrayValue ?? []
      #expect((reply.document[list]?.arrayValue ?? []).isEmpty == others.isEmpty)
      for element in reply.document[list]?.arrayValue ?? [] {
        guard let other = others.first(where: { $0["name"] == element["name"] }) else { continue }
        for (field, value) in element.objectValue ?? [:] where field != "storageVersionHash" {
          let (one, two) = (value.arrayValue.map(Set.init), other[field]?.arrayValue.map(Set.init))
          // Of a group there may be fewer versions.
          if let one, let two, field == "versions" {
            #expect(one.isSubset(of: two), "\(element["name"] ?? ""): \(field)")
          } else {
            #expect(one == two && (one != nil || value == other[field]), "\(element["name"] ?? ""): \(field)")
          }
        }
      }
    }
  }

  /// Takes note of the identities that differ between the recording and this run.
  private static func learn(_ expected: JSONValue, _ found: JSONValue, into names: inout [String: String]) {
    for field in ["uid", "name"] {
      if let old = expected[path: "metadata", field]?.stringValue,
        let new = found[path: "metadata", field]?.stringValue,
        old != new, old.count > 5
      {
        names[old] = new
      }
    }
    if let old = expected[path: "metadata", "continue"]?.stringValue,
      let new = found[path: "metadata", "continue"]?.stringValue
    {
      names[old] = new
    }
    if let old = expected[path: "details", "uid"]?.stringValue, let new = found[path: "details", "uid"]?.stringValue {
      names[old] = new
    }
    if let old = expected[path: "metadata", "resourceVersion"]?.stringValue,
      let new = found[path: "metadata", "resourceVersion"]?.stringValue
    {
      names["\"resourceVersion\": \"\(old)\""] = "\"resourceVersion\": \"\(new)\""
    }
  }

  /// Without what may differ: times, versions, the exact words of columns, and what a scheduler did.
  private static func comparable(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(var members):
      for field in [
        "resourceVersion", "creationTimestamp", "deletionTimestamp", "time", "lastTransitionTime", "lastProbeTime",
        "continue", "description", "conditions", "storageVersionHash", "cells",
        "deprecatedSource", "deprecatedFirstTimestamp", "deprecatedLastTimestamp",
      ] {
        members[field] = nil
      }
      if let owners = members["managedFields"]?.arrayValue {
        members["managedFields"] =
          members["generateName"] != nil || members["ownerReferences"] != nil
          ? nil : .array(owners.map(comparable).sorted { $0.canonicalText < $1.canonicalText })
      }
      if let message = members["message"]?.stringValue, let diff = message.firstRange(of: "\n") {
        members["message"] = .string(String(message[..<diff.lowerBound]))
      }
      return .object(members.mapValues(comparable).filter { !$0.value.isNull })
    case .array(let elements): return .array(elements.map(comparable))
    default: return value
    }
  }
}
