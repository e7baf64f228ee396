import Foundation
import KubernetesAPI

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The coordinator's HTTP side.
struct Ingress {
  let url: URL
  private let session: URLSession
  /// What leads there, for as long as it is needed.
  private let tunnel: PortForward?

  struct Answer {
    var status: Int
    var body: Data
    var headers: [String: String]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: body) }
    /// What a problem document says happened.
    var problem: String? { json?["detail"]?.stringValue ?? json?["title"]?.stringValue }
    var sessionID: String? { json?["session"]?.stringValue ?? headers["pheromone-session"] }
  }

  /// Finds the coordinator as the command line does: PHEROMONE_COORDINATOR_URL, else the address of its Service, else
  /// `kubectl port-forward`.
  static func find() async throws -> Ingress {
    if let text = ProcessInfo.processInfo.environment["PHEROMONE_COORDINATOR_URL"], let url = URL(string: text) {
      return Ingress(url: url)
    }
    let services = try await Kubectl(namespace: "pheromone-system").list(
      "services", selector: "app.kubernetes.io/name=pheromone,app.kubernetes.io/component=coordinator")
    guard let service = services.first,
      let port = service["spec", "ports"]?.arrayValue?.first(where: { $0["name"] == "http" })?["port"]?.intValue
    else {
      throw NotYet("no coordinator has a Service in pheromone-system; set PHEROMONE_COORDINATOR_URL")
    }
    let address = service["status", "loadBalancer", "ingress"]?[0]?["ip"]?.stringValue
    if let address, let url = URL(string: "http://\(address):\(port)") { return Ingress(url: url) }
    let tunnel = try await PortForward("service/\(service.name)", port: port, namespace: "pheromone-system")
    return Ingress(url: tunnel.url, tunnel: tunnel)
  }

  init(url: URL, tunnel: PortForward? = nil) {
    self.url = url
    self.tunnel = tunnel
    let configuration = URLSessionConfiguration.ephemeral
    configuration.httpMaximumConnectionsPerHost = 128
    configuration.timeoutIntervalForRequest = 75
    session = URLSession(configuration: configuration)
  }

  /// Starts a session and returns the answer, whatever it is; throws only if there is none.
  func post(
    _ workflow: String, in namespace: String, query: String? = nil, key: String? = nil, body: Data
  ) async throws -> Answer {
    var request = request("POST", "/v1/\(namespace)/\(workflow)", query)
    if let key { request.setValue(key, forHTTPHeaderField: "Idempotency-Key") }
    request.setValue("application/octet-stream", forHTTPHeaderField: "Content-Type")
    request.httpBody = body
    return try await answer(to: request)
  }

  func put(_ key: String, bucket: String, of workflow: String, in namespace: String, body: Data) async throws -> Answer
  {
    var request = request("PUT", "/v1/\(namespace)/\(workflow)/buckets/\(bucket)/\(key)", nil)
    request.httpBody = body
    return try await answer(to: request)
  }

  func get(session id: String, of workflow: String, in namespace: String, _ rest: String = "") async throws -> Answer {
    try await answer(to: request("GET", "/v1/\(namespace)/\(workflow)/sessions/\(id)\(rest)", nil))
  }

  func get(_ path: String) async throws -> Answer { try await answer(to: request("GET", path, nil)) }

  private func request(_ method: String, _ path: String, _ query: String?) -> URLRequest {
    var parts = URLComponents()
    parts.path = path
    parts.query = query
    var request = URLRequest(url: parts.url(relativeTo: url) ?? url)
    request.httpMethod = method
    return request
  }

  private func answer(to request: URLRequest) async throws -> Answer {
    let (body, response) = try await session.data(for: request)
    guard let response = response as? HTTPURLResponse else { throw NotYet("an answer that is not HTTP") }
    var headers: [String: String] = [:]
    for (name, value) in response.allHeaderFields { headers["\(name)".lowercased()] = "\(value)" }
    return Answer(status: response.statusCode, body: body, headers: headers)
  }
}
