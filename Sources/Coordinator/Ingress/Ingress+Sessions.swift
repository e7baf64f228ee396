import Hummingbird
import KubernetesAPI

/// What can be asked of a session, and its cancellation.
extension Ingress {
  func addSessionRoutes(to routes: inout RouteCollector) {
    add(to: &routes, .get, "/v1/:namespace/:workflow/sessions/:session") { call, key, broker in
      let session = try call.parameter("session")
      let document = try Self.require(try await broker.describe(session, of: key), session, key)
      return Answer.json(document, session: session)
    }
    add(to: &routes, .get, "/v1/:namespace/:workflow/sessions/:session/output") { call, key, broker in
      let session = try call.parameter("session")
      switch try Self.require(try await broker.output(session, of: key), session, key) {
      case .ended(let result): return Answer.ended(result, only: call.query("name"))
      case .running:
        throw Problem(
          404, "still-running", title: "The session has not ended",
          detail: "the session \(session) still runs, so it has no output yet; ask again later", session: session,
          retryAfter: 1)
      }
    }
    add(to: &routes, .get, "/v1/:namespace/:workflow/sessions/:session/recording") { call, key, broker in
      let session = try call.parameter("session")
      guard let recording = try Self.require(try await broker.recording(session, of: key), session, key) else {
        throw Problem(
          404, "not-recorded", title: "The session is not recorded",
          detail:
            "there is no recording of the session \(session); one is kept of a session that was started with ?record=true "
            + "(pheromone invoke --record), until its pod has recorded many others or forgets the session",
          session: session)
      }
      return Answer.json(recording, session: session)
    }
    add(to: &routes, .delete, "/v1/:namespace/:workflow/sessions/:session") { call, key, broker in
      let session = try call.parameter("session")
      guard try Self.require(try await broker.cancel(session, of: key), session, key) else {
        throw Problem(
          409, "ended", title: "The session has ended",
          detail: "the session \(session) has ended already, so there is nothing to cancel", session: session)
      }
      return Answer.json(JSONValue.object(["session": .string(session)]).canonicalData(), status: 202, session: session)
    }
  }

  /// What was found; anything else is a problem.
  private static func require<Found>(
    _ lookup: SessionLookup<Found>, _ session: String, _ key: ObjectKey
  ) throws -> Found {
    switch lookup {
    case .found(let found): return found
    case .noWorkflow: throw Problem.noWorkflow(key)
    case .unknown: throw Problem.noSession(session, key)
    case .gone: throw Problem.gone(session)
    case .unavailable(let reason): throw Problem.unavailable(reason, session: session)
    }
  }
}
