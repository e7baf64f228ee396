import Hummingbird

/// Answers requests that no route fits as every error is answered.
struct UnknownRoutes: RouterMiddleware {
  @concurrent func handle(
    _ request: Request, context: BasicRequestContext,
    next: @concurrent (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      return Problem(
        404, "unknown-path", title: "There is nothing here",
        detail:
          "there is no \(request.method.rawValue) \(request.uri.path); requests go to POST /v1/{namespace}/{workflow} "
          + "or PUT /v1/{namespace}/{workflow}/buckets/{bucket}/{key}"
      ).response()
    }
  }
}
