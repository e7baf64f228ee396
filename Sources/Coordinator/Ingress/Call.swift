import Dataflow
import FoundationEssentials
import HTTPTypes
import Hummingbird
import KubernetesAPI
import KubernetesClient
import NIOCore

/// One HTTP request, with doors to its parts that say what is wrong with them.
struct Call: Sendable {
  var request: Request
  var context: BasicRequestContext

  func parameter(_ name: String) throws -> String {
    guard let raw = context.parameters.get(name), let text = PercentEncoding.decode(raw), !text.isEmpty else {
      throw Problem(400, "bad-path", title: "The path is not valid", detail: "the path lacks its \(name)")
    }
    return text
  }

  func query(_ name: String) -> String? {
    request.uri.queryParameters.get(name)
  }

  func flag(_ name: String) throws -> Bool? {
    switch query(name) {
    case nil: return nil
    case "true", "1", "": return true
    case "false", "0": return false
    case .some(let other):
      throw Problem(
        400, "bad-parameter", title: "A parameter is not valid", detail: "?\(name)=\(other): write true or false")
    }
  }

  func timeout() throws -> Duration? {
    guard let text = query("timeout") else { return nil }
    guard let duration = DurationText.parse(text), duration > .zero else {
      throw Problem(
        400, "bad-parameter", title: "A parameter is not valid",
        detail: "?timeout=\(text): write a duration above zero, such as 500ms, 30s or 2m")
    }
    return duration
  }

  /// The key of the header; else, for a CloudEvent, its source and id, which name it once and for all.
  func idempotencyKey() throws -> String? {
    if let key = request.headers[.idempotencyKey] {
      guard (1...512).contains(key.utf8.count), Self.isPrintable(key) else {
        throw Problem(
          400, "bad-key", title: "The idempotency key is not valid",
          detail: "Idempotency-Key has 1 to 512 bytes of printable ASCII; encode or hash what is not")
      }
      return key
    }
    guard let version = header("ce-specversion") else { return nil }
    guard version.hasPrefix("1."), let id = header("ce-id"), let source = header("ce-source"), header("ce-type") != nil
    else {
      throw Problem(
        400, "bad-event", title: "The CloudEvent is not valid",
        detail: "a CloudEvent in binary mode needs ce-specversion 1.0, ce-id, ce-source and ce-type")
    }
    for (name, value) in [("ce-id", id), ("ce-source", source)] where !Self.isPrintable(value) {
      throw Problem(
        400, "bad-event", title: "The CloudEvent is not valid",
        detail: "\(name) is not printable ASCII; percent-encode it, as CloudEvents wants it in HTTP headers")
    }
    // As short as any other key, and no two events have the same.
    return "ce:" + StableHash.of(source, id)
  }

  /// Other bytes are no text for certain, and text beyond ASCII can be equal without being the same: two keys would be one.
  private static func isPrintable(_ text: String) -> Bool { text.utf8.allSatisfy { (0x20...0x7E).contains($0) } }

  private func header(_ name: String) -> String? { request.headers[HTTPField.Name(name)] }

  /// Reads the body. Its bytes count against the budget while it comes in. Its pace is looked at whenever some of it has
  /// come; a connection on which nothing comes is closed by the server.
  func body(limit: Int, budget: BodyBudget, pace: BodyPace, key: ObjectKey) async throws -> [UInt8] {
    let began = ContinuousClock.now
    let tooLarge = Problem(
      413, "too-large", title: "The payload is too large",
      detail: "the coordinator takes payloads of at most \(Quantity.format(limit)) (--max-payload)")
    if let length = request.headers[.contentLength].flatMap(Int.init), length > limit { throw tooLarge }
    var bytes: [UInt8] = []
    defer { budget.giveBack(bytes.count) }
    do {
      for try await chunk in request.body {
        guard bytes.count + chunk.readableBytes <= limit else { throw tooLarge }
        guard budget.take(chunk.readableBytes) else {
          throw Problem(
            SubmissionError.rejected(.overloaded("the payloads on their way in fill the coordinator's memory")), key)
        }
        bytes.append(contentsOf: chunk.readableBytesView)
        guard !pace.isTooSlow(bytes.count, after: ContinuousClock.now - began) else {
          throw Problem(
            408, "slow-body", title: "The body comes too slowly",
            detail:
              "after \(pace.grace) a body has to come with at least \(pace.bytesPerSecond) bytes a second, and only "
              + "\(bytes.count) bytes came; send the request again over a better connection", endsConnection: true)
        }
      }
    } catch let error where !(error is Problem || error is CancellationError) {
      throw Problem(
        400, "bad-body", title: "The body is not valid",
        detail: "the body ended early or its encoding is broken (\(error)); send the request again")
    }
    return bytes
  }
}
