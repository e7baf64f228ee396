import Hummingbird

/// Answers requests that no route fits as every error is answered.
struct UnknownRoutes: RouterMiddleware {
  let table: RouteTable

  @concurrent func handle(
    _ request: Request, context: BasicRequestContext,
    next: @concurrent (Request, BasicRequestContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let error as HTTPError where error.status == .notFound {
      let methods = table.methods(at: request.uri.path)
      let answer = methods.isEmpty ? Self.unknownPath(request) : Self.wrongMethod(request, methods)
      // No route takes HEAD, so that this is the only answer to it. A body would be read as the next answer.
      return request.method == .head ? answer.createHeadResponse() : answer
    }
  }

  private static func unknownPath(_ request: Request) -> Response {
    Problem(
      404, "unknown-path", title: "There is nothing here",
      detail:
        "there is no \(request.method.rawValue) \(request.uri.path); requests go to POST /v1/{namespace}/{workflow} "
        + "or PUT /v1/{namespace}/{workflow}/buckets/{bucket}/{key}"
    ).response()
  }

  private static func wrongMethod(_ request: Request, _ methods: [HTTPRequest.Method]) -> Response {
    let allowed = methods.map(\.rawValue).joined(separator: ", ")
    var response = Problem(
      405, "wrong-method", title: "The method is not for this path",
      detail: "\(request.uri.path) does not take \(request.method.rawValue); send \(allowed)"
    ).response()
    response.headers[.allow] = allowed
    return response
  }
}
