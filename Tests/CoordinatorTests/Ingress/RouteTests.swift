import Foundation
import HTTPTypes
import KubernetesAPI
import KubernetesClient
import Testing

@testable import Coordinator

@Suite(.timeLimit(.minutes(1))) struct RouteTests {
  @Test(
    arguments: [
      ("DELETE", "/v1/ns/wf", "POST"), ("GET", "/v1/ns/wf/buckets/words/a/b", "PUT"), ("POST", "/metrics", "GET"),
      ("PATCH", "/v1/ns/wf/sessions/s", "GET, DELETE"), ("PROPFIND", "/v1/ns/wf/load", "GET"),
    ])
  func `a wrong method is told the right ones`(method: String, path: String, allowed: String) async throws {
    try await Stage.with { stage in
      let answer = try await stage.send(method, path)
      #expect(answer.status == 405)
      #expect(answer.headers["allow"] == allowed)
      #expect(answer.headers["content-type"] == "application/problem+json")
      let problem = try JSONValue(parsing: answer.body)
      #expect(problem["type"] == "https://pheromone.dev/problems/wrong-method")
      #expect(problem["detail"]?.stringValue?.contains(allowed) == true)
    }
  }

  @Test(arguments: ["/v1/ns", "/v1/ns/wf/buckets/words", "/v1/ns/wf/sessions/s/nothing", "/other"])
  func `a path that no route fits is not found, whatever the method`(path: String) async throws {
    try await Stage.with { stage in
      for method in ["GET", "PUT"] {
        let answer = try await stage.send(method, path)
        #expect(answer.status == 404)
        #expect(try JSONValue(parsing: answer.body)["type"] == "https://pheromone.dev/problems/unknown-path")
      }
    }
  }

  @Test(arguments: [("/v1/ns/wf", "405 Method Not Allowed"), ("/other", "404 Not Found")])
  func `an answer to HEAD has no body, so that the connection can go on`(path: String, status: String) async throws {
    try await Stage.with { stage in
      let answers = try await RawConnection(port: stage.httpPort).exchange(
        "HEAD \(path) HTTP/1.1\r\nHost: h\r\n\r\nGET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
      let parts = answers.components(separatedBy: "\r\n\r\n")
      #expect(parts.count == 3, "\(answers)")
      #expect(parts.first?.hasPrefix("HTTP/1.1 \(status)") == true)
      #expect(parts.dropFirst().first?.hasPrefix("HTTP/1.1 200 OK") == true, "\(answers)")
      #expect(parts.last == "ok\n")
    }
  }

  @Test func `the table fits paths as the router does`() {
    var table = RouteTable()
    table.add(.get, "/v1/:a/:b")
    table.add(.post, "/v1/:a/:b")
    table.add(.put, "/v1/:a/x/**")
    #expect(table.methods(at: "/v1/n/w") == [.get, .post])
    #expect(table.methods(at: "//v1/n/w/") == [.get, .post])
    #expect(table.methods(at: "/v1/n/x/k/1") == [.put])
    #expect(table.methods(at: "/v1/n/y/k") == [])
    #expect(table.methods(at: "/") == [])
  }
}
