import FoundationEssentials
import HTTPTypes
import Hummingbird
package import KubernetesAPI
import NIOCore
import Wire

/// An error as RFC 9457 wants it: what happened, and what to do.
package struct Problem: Error, Sendable, Hashable {
  package var status: Int
  /// Last component of the type's URI.
  package var slug: String
  package var title: String
  package var detail: String
  package var session: String?
  /// Seconds.
  package var retryAfter: Int?
  /// Whether the connection is closed after the answer, since the rest of the request is not waited for.
  package var endsConnection: Bool

  package init(
    _ status: Int, _ slug: String, title: String, detail: String, session: String? = nil, retryAfter: Int? = nil,
    endsConnection: Bool = false
  ) {
    self.status = status
    self.slug = slug
    self.title = title
    self.detail = detail
    self.session = session
    self.retryAfter = retryAfter
    self.endsConnection = endsConnection
  }

  package var document: JSONValue {
    var document: JSONValue = [
      "type": .string("https://pheromone.dev/problems/\(slug)"), "title": .string(title),
      "status": .integer(Int64(status)), "detail": .string(detail),
    ]
    if let session { document["session"] = .string(session) }
    return document
  }

  func response() -> Response {
    let bytes = ByteBuffer(bytes: document.canonicalData())
    var response = Response(
      status: .init(code: status), headers: [.contentType: "application/problem+json"],
      body: endsConnection ? Self.last(bytes) : .init(byteBuffer: bytes))
    if endsConnection { response.headers[.connection] = "close" }
    if let session { response.headers[.session] = session }
    if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
    return response
  }

  /// The server reads the rest of a request, however slowly it comes, unless writing the answer fails.
  private static func last(_ bytes: ByteBuffer) -> ResponseBody {
    ResponseBody(contentLength: bytes.readableBytes) { writer in
      try await writer.write(bytes)
      try await writer.finish(nil)
      throw ConnectionEnded()
    }
  }

  private struct ConnectionEnded: Error {}
}

extension HTTPField.Name {
  static let session = HTTPField.Name("Pheromone-Session")
  static let outputName = HTTPField.Name("Pheromone-Output")
  static let idempotencyKey = HTTPField.Name("Idempotency-Key")
}

extension HTTPFields {
  /// A field whose name is known to be sound, or is left out.
  subscript(name: HTTPField.Name?) -> String? {
    get { name.flatMap { self[$0] } }
    set { if let name { self[name] = newValue } }
  }
}

extension Problem {
  static func noWorkflow(_ key: ObjectKey) -> Problem {
    Problem(
      404, "unknown-workflow", title: "There is no such workflow",
      detail: "there is no workflow \(key.name) in the namespace \(key.namespace ?? ""); see kubectl get workflows -A")
  }

  static func noSession(_ session: String, _ key: ObjectKey) -> Problem {
    Problem(
      404, "unknown-session", title: "There is no such session",
      detail:
        "the workflow \(key) has no session \(session); see pheromone sessions \(key.name) -n \(key.namespace ?? "")",
      session: session)
  }

  static func gone(_ session: String) -> Problem {
    Problem(
      410, "session-gone", title: "The session is forgotten",
      detail: "the session \(session) ended longer ago than the workflow's spec.retention; send the request again",
      session: session)
  }

  static func unavailable(_ reason: String, session: String? = nil) -> Problem {
    Problem(
      503, "unavailable", title: "Not available now", detail: "\(reason); try again in a moment", session: session,
      retryAfter: 1)
  }

  init(_ error: SubmissionError, _ key: ObjectKey) {
    switch error {
    case .noWorkflow: self = .noWorkflow(key)
    case .notSynced: self = .unavailable("the coordinator is starting or stopping")
    case .noFunction(let name, let known):
      self.init(
        404, "unknown-function", title: "There is no such function",
        detail: "the workflow \(key) has no function \(name); it has \(known.joined(separator: ", "))")
    case .noBucket(let name, let known):
      self.init(
        404, "unknown-bucket", title: "There is no such bucket",
        detail: "the workflow \(key) has no bucket \(name); it has "
          + (known.isEmpty ? "none" : known.joined(separator: ", ")))
    case .tooLarge(let limit):
      self.init(
        413, "too-large", title: "The payload is too large",
        detail:
          "the payload never fits into a pod's object memory of \(limit) bytes; raise spec.sharedMemory or send less")
    case .tooManyWaiting(let count):
      self.init(
        503, "overloaded", title: "Too many requests wait",
        detail: "\(count) requests are waited for already; try again in a moment, or send with ?async=true",
        retryAfter: 2)
    case .rejected(let failure): self.init(failure, session: nil)
    }
  }

  init(_ failure: PlacementFailure, session: String?) {
    switch failure {
    case .unplaced(let reason):
      self.init(
        503, "no-pod", title: "No pod took the request in time", detail: reason, session: session, retryAfter: 5)
    case .refused(let reason):
      let isSize = reason.contains("sharedMemory")
      self.init(
        isSize ? 413 : 422, isSize ? "too-large" : "refused", title: "The request is refused", detail: reason,
        session: session)
    case .lost(let pod):
      self.init(
        503, "session-lost", title: "The session is lost",
        detail: "its pod \(pod) is gone and the coordinator does not hold the request; send the request again with the "
          + "same Idempotency-Key", session: session, retryAfter: 1)
    case .suspended:
      self.init(
        503, "suspended", title: "The workflow is suspended",
        detail: "spec.suspend is true, so no new requests are taken; set it to false to go on", session: session,
        retryAfter: 30)
    case .overloaded(let reason):
      self.init(
        503, "overloaded", title: "Too much waits or runs", detail: "\(reason); try again in a moment, or scale up",
        session: session, retryAfter: 2)
    case .keyReused(let other):
      self.init(
        422, "key-reused", title: "The idempotency key belongs to another request",
        detail:
          "the session \(other) was started with this Idempotency-Key and another body or target; use a new key for "
          + "a new request, and the same bytes for a retry", session: other)
    case .workflowDeleted:
      self.init(
        404, "workflow-deleted", title: "The workflow was deleted",
        detail: "the workflow was deleted while the request waited or ran", session: session)
    case .stopping:
      self.init(
        503, "stopping", title: "The coordinator stops",
        detail:
          "the coordinator stops; sessions that run go on: send the request again with the same Idempotency-Key to "
          + "get the result", session: session, retryAfter: 2)
    case .stoppingUnplaced:
      self.init(
        503, "stopping", title: "The coordinator stops",
        detail: "the coordinator stops, and no pod has said that it took the request: send it again", retryAfter: 2)
    }
  }

  init(_ result: SessionResult) {
    let (status, slug, title) =
      switch result.state {
      case .succeeded: (200, "succeeded", "Succeeded")
      case .failed: (500, "failed", "The session failed")
      case .stalled: (422, "stalled", "The session stalled")
      case .timedOut: (504, "timeout", "The session took too long")
      case .cancelled: (409, "cancelled", "The session was cancelled")
      }
    // The engine's words for a cancellation are those of the title.
    let says = result.message.lowercased() == title.lowercased() ? "" : result.message
    self.init(
      status, slug, title: title,
      detail: says.isEmpty ? "it ended as \(result.state.name); see pheromone explain" : says,
      session: result.session)
  }
}
