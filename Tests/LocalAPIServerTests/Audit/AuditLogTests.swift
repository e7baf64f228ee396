import Foundation
import KubernetesAPI
import Logging
import Testing

@testable import LocalAPIServer

@Suite struct AuditLogTests {
  private static func entry(
    _ method: String, _ path: String, _ query: [String: String] = [:], body: JSONValue? = nil
  ) -> AuditEntry {
    var request = APIRequest(method: method, path: path, query: query, userAgent: "kubectl/v1.36")
    if let body { request.body = body.canonicalData() }
    return AuditEntry(request, code: 200)
  }

  private static func words(_ entry: AuditEntry) -> [String] {
    [entry.verb, entry.group, entry.resource ?? "", entry.subresource, entry.namespace, entry.name]
  }

  @Test(
    arguments: [
      ("GET", "/api/v1/namespaces/d/pods/p", ["get", "", "pods", "", "d", "p"]),
      ("GET", "/api/v1/pods", ["list", "", "pods", "", "", ""]),
      (
        "POST", "/apis/policy/v1/namespaces/d/poddisruptionbudgets",
        ["create", "policy", "poddisruptionbudgets", "", "d", ""]
      ),
      ("POST", "/api/v1/namespaces/d/pods/p/eviction", ["create", "", "pods", "eviction", "d", "p"]),
      ("PUT", "/api/v1/namespaces/d/finalize", ["update", "", "namespaces", "finalize", "", "d"]),
      ("PATCH", "/api/v1/nodes/n/status", ["patch", "", "nodes", "status", "", "n"]),
      ("DELETE", "/api/v1/namespaces/d", ["delete", "", "namespaces", "", "", "d"]),
      ("DELETE", "/api/v1/namespaces/d/pods", ["deletecollection", "", "pods", "", "d", ""]),
      ("GET", "/openapi/v3", ["get", "", "", "", "", ""]), ("GET", "/apis/policy/v1", ["get", "", "", "", "", ""]),
    ]) func requestsAreNamedAsRightsAre(method: String, path: String, words: [String])
  {
    #expect(Self.words(Self.entry(method, path)) == words)
  }

  @Test func watchesAndListsOfOneObjectNameIt() {
    let query = ["watch": "true", "fieldSelector": "metadata.name=p"]
    #expect(Self.words(Self.entry("GET", "/api/v1/namespaces/d/pods", query)) == ["watch", "", "pods", "", "d", "p"])
  }

  @Test func dryRunsAreTold() throws {
    let dry = Self.entry("DELETE", "/api/v1/namespaces/d/pods/p", body: ["dryRun": ["All"]])
    let line = try JSONValue(parsing: dry.line(at: Date(timeIntervalSince1970: 0)))
    #expect(
      line == [
        "time": "1970-01-01T00:00:00Z", "verb": "delete", "resource": "pods", "namespace": "d", "name": "p",
        "userAgent": "kubectl/v1.36", "code": 200, "dryRun": true,
      ])
    let other = try JSONValue(parsing: Self.entry("GET", "/version").line(at: Date()))
    #expect(other["path"] == "/version" && other["resource"] == nil)
  }

  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "pheromone-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.path)
  }

  @Test func everyRequestIsALine() throws {
    try Self.withFolder { (folder: String) throws in
      let audit = AuditLog(.init(path: folder + "/audit"), logger: Logger(label: "test"))
      let core = ServerCore(cluster: ClusterState(revision: 1, seed: 1), audit: audit)
      _ = core.prepare(APIRequest(method: "GET", path: "/version"), now: Date())
      for name in ["p", "q"] {
        _ = core.handle(APIRequest(method: "GET", path: "/api/v1/namespaces/d/pods/\(name)"), now: Date())
      }
      _ = core.handle(APIRequest(method: "GET", path: "/api/v1/pods", query: ["watch": "1"]), now: Date())
      let text = try String(contentsOfFile: folder + "/audit", encoding: .utf8)
      let lines = try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
      #expect(lines.map { $0["name"] } == ["p", "q", nil])
      #expect(lines.map { $0["code"] } == [404, 404, 200])
    }
  }

  @Test func fullFilesAreRotatedAndTheOldestGoes() throws {
    try Self.withFolder { (folder: String) throws in
      var settings = LocalAPIServer.AuditSettings(path: folder + "/audit")
      let line = Self.entry("GET", "/api/v1/pods").line(at: Date()).utf8.count
      settings.fileLimit = 2 * line
      settings.fileCount = 3
      let audit = AuditLog(settings, logger: Logger(label: "test"))
      for code in 100..<109 {
        audit.record(
          AuditEntry(APIRequest(method: "GET", path: "/api/v1/pods", userAgent: "kubectl/v1.36"), code: code),
          at: Date())
      }
      func codes(_ name: String) throws -> [Int] {
        try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8).split(separator: "\n").compactMap {
          try JSONValue(parsing: String($0))["code"]?.intValue
        }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["audit", "audit.1", "audit.2"])
      #expect(try codes("audit") == [108])
      #expect(try codes("audit.1") == [106, 107])
      #expect(try codes("audit.2") == [104, 105])
      let next = AuditLog(settings, logger: Logger(label: "test"))
      next.record(Self.entry("GET", "/api/v1/pods"), at: Date())
      #expect(try codes("audit") == [108, 200], "a new server goes on in the same file")
    }
  }
}
