import HTTPTypes
import Hummingbird

/// Collects the routes of the door for the router, and what the router does not tell of them.
struct RouteCollector {
  private let router = Router()
  private var table = RouteTable()

  mutating func on(
    _ method: HTTPRequest.Method, _ path: String,
    _ body: @escaping @Sendable (Request, BasicRequestContext) async throws -> Response
  ) {
    router.on(RouterPath(path), method: method, use: body)
    table.add(method, path)
  }

  /// The middleware stands before the answer to what no route took, although it comes last.
  consuming func finished() -> Router<BasicRequestContext> {
    router.add(middleware: UnknownRoutes(table: table))
    return router
  }
}
