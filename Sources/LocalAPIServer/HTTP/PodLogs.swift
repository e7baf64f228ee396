import FoundationEssentials
import HTTPTypes
import Hummingbird
import KubernetesAPI
import KubernetesClient
import Logging
import NIOCore

/// Answers `GET pods/x/log` with what the pod's node says.
struct PodLogs: Sendable {
  let logger: Logger

  func response(to asked: PodLogRequest, for request: Request) async -> Response {
    var iterator = LogSource(logger: logger).stream(asked).makeAsyncIterator()
    do {
      _ = try await iterator.head()
    } catch let error as KubernetesError {
      let status =
        error.status
        ?? APIStatus(
          message: "the node agent at \(asked.host):\(asked.port) did not give the log: \(error)",
          reason: "InternalError", code: 500)
      return APIResponder.response(.status(status))
    } catch {
      let status = APIStatus(
        message: "cannot read the log from the node agent at \(asked.host):\(asked.port): \(error)",
        reason: "InternalError", code: 500)
      return APIResponder.response(.status(status))
    }
    let opened = iterator
    return Response(
      status: .ok, headers: [.contentType: "text/plain"],
      body: ResponseBody { writer in
        var chunks = opened
        while let chunk = try await chunks.next() { try await writer.write(ByteBuffer(bytes: chunk)) }
        try await writer.finish(nil)
      })
  }
}
