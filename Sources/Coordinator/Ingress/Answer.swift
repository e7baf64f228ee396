import FoundationEssentials
import HTTPTypes
import Hummingbird
import KubernetesClient
import NIOCore
import Wire

/// Answers that carry outputs or JSON.
enum Answer {
  static func json(_ bytes: some Sequence<UInt8> & Sendable, status: Int = 200, session: String? = nil) -> Response {
    var response = Response(
      status: .init(code: status), headers: [.contentType: "application/json"],
      body: .init(byteBuffer: ByteBuffer(bytes: Array(bytes))))
    response.headers[.session] = session
    return response
  }

  static func text(_ text: String, status: Int = 200) -> Response {
    Response(
      status: .init(code: status), headers: [.contentType: "text/plain; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }

  /// The end of a session: its outputs if it succeeded, else a problem.
  static func ended(_ result: SessionResult, only name: String? = nil) -> Response {
    guard result.state == .succeeded else { return Problem(result).response() }
    let outputs = name.map { name in result.outputs.filter { $0.name == name } } ?? result.outputs
    var response: Response
    switch outputs.count {
    case 0:
      if let name, !result.outputs.isEmpty {
        let known = result.outputs.map { $0.name.isEmpty ? "(the default one)" : $0.name }.joined(separator: ", ")
        return Problem(
          404, "unknown-output", title: "There is no such output",
          detail: "the session has no output \(name); it has \(known)", session: result.session
        ).response()
      }
      response = Response(status: .noContent)
    case 1:
      response = Response(
        status: .ok, headers: [.contentType: "application/octet-stream"],
        body: .init(byteBuffer: ByteBuffer(bytes: outputs[0].bytes)))
      if !outputs[0].name.isEmpty { response.headers[.outputName] = headerText(outputs[0].name) }
    default:
      let multipart = Multipart(outputs)
      response = Response(
        status: .ok, headers: [.contentType: multipart.contentType],
        body: .init(byteBuffer: ByteBuffer(bytes: multipart.bytes)))
    }
    response.headers[.session] = result.session
    return response
  }

  private static func headerText(_ name: String) -> String {
    PercentEncoding.encode(name, keeping: "!$&'()*+,=@/")
  }
}

/// Several outputs in one body, as RFC 7578 writes forms: each part says its output's name; the default one's is empty.
struct Multipart {
  let contentType: String
  let bytes: [UInt8]

  init(_ outputs: [SessionResult.Output]) {
    let boundary = "pheromone-" + UUID().uuidString
    contentType = "multipart/form-data; boundary=\(boundary)"
    var bytes: [UInt8] = []
    for output in outputs {
      let name = output.name.replacing("\"", with: "%22").replacing("\r", with: "%0D").replacing("\n", with: "%0A")
      bytes += "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n".utf8
      bytes += "Content-Type: application/octet-stream\r\nContent-Length: \(output.bytes.count)\r\n\r\n".utf8
      bytes += output.bytes
      bytes += "\r\n".utf8
    }
    bytes += "--\(boundary)--\r\n".utf8
    self.bytes = bytes
  }
}
