import FoundationEssentials
import HTTPTypes
import Hummingbird
import KubernetesAPI
import Logging
import NIOCore
import ServiceLifecycle

/// Serves container logs as a kubelet does, on loopback: `GET /containerLogs/{namespace}/{pod}/{container}`.
struct LogServer: Sendable {
  /// Finds a log; throws with the words for whoever asked.
  let find: @Sendable (_ namespace: String, _ pod: String, _ container: String, _ previous: Bool) throws -> ContainerLog
  let host: String
  let port: Int
  let logger: Logger
  let started: @Sendable (Int) -> Void

  func run() async throws {
    let router = Router()
    router.get("/healthz") { _, _ in "ok" }
    router.get("/containerLogs/{namespace}/{pod}/{container}") { request, context in
      try answer(request, context.parameters)
    }
    var quiet = logger
    quiet.logLevel = .warning
    let application = Application(
      router: router, configuration: .init(address: .hostname(host, port: port), serverName: nil),
      onServerRunning: { started($0.localAddress?.port ?? 0) }, logger: quiet)
    try await application.run()
  }

  private func answer(_ request: Request, _ parameters: Parameters) throws -> Response {
    let names = (
      try parameters.require("namespace"), try parameters.require("pod"), try parameters.require("container")
    )
    let query: LogQuery
    let log: ContainerLog
    do {
      let values = Dictionary(request.uri.queryParameters.map { (String($0.key), String($0.value)) }) { $1 }
      query = try LogQuery(values, now: Date())
      log = try find(names.0, names.1, names.2, query.previous)
    } catch let error as ProcessError {
      let status = APIStatus(message: error.message, reason: "BadRequest", code: 400)
      let text = (try? JSONValue(encoding: status).canonicalText) ?? error.message
      return Response(
        status: .badRequest, headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
    return Response(
      status: .ok, headers: [.contentType: "text/plain"],
      body: ResponseBody { writer in
        var reader = LogReader(log, query)
        while let chunk = try await reader.next() { try await writer.write(ByteBuffer(bytes: chunk)) }
        try await writer.finish(nil)
      })
  }
}
