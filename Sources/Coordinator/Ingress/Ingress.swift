import Dataflow
import FoundationEssentials
import HTTPTypes
package import Hummingbird
import KubernetesAPI
import KubernetesClient
package import Logging
import NIOCore
import Synchronization
import Wire

/// The HTTP door: turns requests into submissions and questions to the broker, and what it says into answers.
///
/// It stands for the life of the process; while this replica does not lead there is no broker behind it.
package final class Ingress: Sendable {
  private let broker = Mutex<SessionBroker?>(nil)
  private let inFlight = Mutex(0)
  private let bodyBudget = BodyBudget(limit: 1 << 30)
  private let maxPayload: Int
  private let bodyPace: BodyPace
  private let logger: Logger
  private static let inFlightLimit = 8192

  package init(maxPayload: Int, bodyPace: BodyPace = BodyPace(), logger: Logger) {
    self.maxPayload = maxPayload
    self.bodyPace = bodyPace
    self.logger = logger
  }

  package func serve(_ broker: SessionBroker?) { self.broker.withLock { $0 = broker } }

  package var isReady: Bool { broker.withLock { $0 }?.isReady ?? false }

  package func router() -> Router<BasicRequestContext> {
    var routes = RouteCollector()
    routes.on(.get, "/healthz") { _, _ in Answer.text("ok\n") }
    routes.on(.get, "/readyz") { [self] _, _ in
      isReady
        ? Answer.text("ok\n") : Answer.text("not serving: starting, stopping, or another replica leads\n", status: 503)
    }
    routes.on(.get, "/metrics") { [self] _, _ in Answer.text(MetricsText.render(broker.withLock { $0 })) }
    add(to: &routes, .post, "/v1/:namespace/:workflow") { [self] in try await invoke($0, $1, $2) }
    add(to: &routes, .put, "/v1/:namespace/:workflow/buckets/:bucket/**") { [self] in try await put($0, $1, $2) }
    add(to: &routes, .get, "/v1/:namespace/:workflow/load") { _, key, broker in
      guard let figures = broker.figures(of: key) else { throw Problem.noWorkflow(key) }
      let pods = figures.pods.mapValues { pod -> JSONValue in
        [
          "sessions": .integer(Int64(pod.sessions)), "busy": .integer(Int64(pod.busy)), "isOwner": .bool(pod.isOwner),
        ]
      }
      return Answer.json(JSONValue.object(["pods": .object(pods)]).canonicalData())
    }
    add(to: &routes, .get, "/v1/:namespace/:workflow/sessions") { _, key, broker in
      guard let sessions = try await broker.list(key) else { throw Problem.noWorkflow(key) }
      return Answer.json(try JSONEncoder().encode(sessions))
    }
    addSessionRoutes(to: &routes)
    return routes.finished()
  }

  // MARK: - Requests that open sessions

  private func invoke(_ call: Call, _ key: ObjectKey, _ broker: SessionBroker) async throws -> Response {
    var submission = Submission(session: Self.newSession(), payload: [])
    submission.function = call.query("function")
    return try await submit(&submission, call, key, broker, wantsEnd: try call.flag("async") != true)
  }

  private func put(_ call: Call, _ key: ObjectKey, _ broker: SessionBroker) async throws -> Response {
    let name = call.context.parameters.getCatchAll().joined(separator: "/")
    guard let decoded = PercentEncoding.decode(name), !decoded.isEmpty, decoded.utf8.count <= 1024 else {
      throw Problem(
        400, "bad-key", title: "The key is not valid",
        detail: "write PUT /v1/{namespace}/{workflow}/buckets/{bucket}/{key} with a key of 1 to 1024 bytes")
    }
    let group = call.query("group")
    if let objection = NameRule.objection(toGroup: group) {
      throw Problem(400, "bad-parameter", title: "A parameter is not valid", detail: "?group=: \(objection)")
    }
    var submission = Submission(session: Self.newSession(), payload: [])
    submission.put = Submission.Put(bucket: try call.parameter("bucket"), key: decoded, group: group)
    return try await submit(&submission, call, key, broker, wantsEnd: try call.flag("wait") == true)
  }

  private func submit(
    _ submission: inout Submission, _ call: Call, _ key: ObjectKey, _ broker: SessionBroker, wantsEnd: Bool
  ) async throws -> Response {
    submission.timeout = try call.timeout()
    submission.isRecorded = try call.flag("record") == true
    submission.idempotencyKey = try call.idempotencyKey()
    submission.payload = try await call.body(limit: maxPayload, budget: bodyBudget, pace: bodyPace, key: key)
    let reply: SubmissionReply
    do {
      reply = try await broker.submit(submission, to: key, wantsEnd: wantsEnd)
    } catch let error as SubmissionError {
      throw Problem(error, key)
    }
    let path = "/v1/\(key.namespace ?? "")/\(key.name)/sessions/\(reply.session)"
    switch reply.outcome {
    case .finished(let result) where wantsEnd: return Answer.ended(result)
    case .accepted, .finished:
      var response = Answer.json(
        JSONValue.object(["session": .string(reply.session), "location": .string(path)]).canonicalData(), status: 202,
        session: reply.session)
      response.headers[.location] = path
      return response
    case .failed(let failure): throw Problem(failure, session: reply.session)
    case nil:
      throw Problem(
        504, "timeout", title: "The session took too long",
        detail:
          "the session did not end in time; it may still end: ask GET \(path), or send the request again with its "
          + "Idempotency-Key", session: reply.session)
    }
  }

  private static func newSession() -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
    return String((0..<20).map { _ in alphabet[Int.random(in: 0..<32)] })
  }

  // MARK: - What all routes share

  func add(
    to routes: inout RouteCollector, _ method: HTTPRequest.Method, _ path: String,
    _ body: @escaping @Sendable (Call, ObjectKey, SessionBroker) async throws -> Response
  ) {
    routes.on(method, path) { [self] request, context in
      let isTaken = inFlight.withLock { count in
        guard count < Self.inFlightLimit else { return false }
        count += 1
        return true
      }
      guard isTaken else {
        return Problem(SubmissionError.tooManyWaiting(Self.inFlightLimit), ObjectKey(namespace: nil, name: ""))
          .response()
      }
      defer { inFlight.withLock { $0 -= 1 } }
      do {
        guard let broker = broker.withLock({ $0 }), broker.isReady else {
          throw Problem.unavailable("the coordinator is starting or stopping, or another replica leads")
        }
        let call = Call(request: request, context: context)
        let key = ObjectKey(namespace: try call.parameter("namespace"), name: try call.parameter("workflow"))
        return try await body(call, key, broker)
      } catch let problem as Problem {
        return problem.response()
      } catch let error as CancellationError {
        throw error
      } catch {
        logger.error("a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
        return Problem(
          500, "internal", title: "The coordinator failed",
          detail: "\(error); this is a fault of the coordinator, see its log"
        ).response()
      }
    }
  }
}
