import FoundationEssentials
import KubernetesAPI
package import Logging

/// Speaks to one API server. All requests and watches share one thread and its connections.
///
/// Requests are cancelled with the task that waits for them. The last reference, streams included, closes everything.
package final class KubernetesClient: Sendable {
  /// For where another module's type of the same name is visible too.
  package typealias Request = HTTPRequest
  package typealias Response = HTTPResponse

  package let configuration: ClientConfiguration
  package let traffic: Traffic
  let logger: Logger
  let explainer: ErrorExplainer
  private let loop: Result<TransferLoop, TransferError>
  private let tokens: TokenSource
  private let builder: SpecificationBuilder
  private let pace: RequestPace?

  /// `rate` holds back requests beyond it, watches that begin included. `traffic` is where clients that are to be
  /// counted together count.
  package init(
    _ configuration: ClientConfiguration, userAgent: String, logger: Logger, rate: TokenBucket? = nil,
    traffic: Traffic = Traffic()
  ) {
    self.configuration = configuration
    self.logger = logger
    self.traffic = traffic
    pace = rate.map { RequestPace($0) }
    explainer = ErrorExplainer(
      server: configuration.server, origin: configuration.origin, isProxied: configuration.proxyURL != nil)
    loop = Result { () throws(TransferError) in try TransferLoop() }
    tokens = TokenSource(token: configuration.token, file: configuration.tokenFile)
    builder = SpecificationBuilder(configuration, userAgent: userAgent)
  }

  deinit { try? loop.get().post(.stop) }

  // MARK: - Raw requests

  /// Sends a request and collects the answer, whatever its status.
  package func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    let response = try await sendOnce(request)
    guard response.status == 401, tokens.isReloadable else { return response }
    // The token may have been rotated since it was read: once more with a fresh one.
    tokens.invalidate()
    return try await sendOnce(request)
  }

  /// An answer in chunks, such as a followed log. An error status throws `KubernetesError`.
  package func stream(_ request: HTTPRequest) -> HTTPStream {
    HTTPStream { [self] in try await open(request) }
  }

  /// Sends a request; an error status becomes a `KubernetesError`.
  func sendChecked(_ request: HTTPRequest) async throws -> HTTPResponse {
    let response = try await send(request)
    for warning in WarningHeader.messages(response.headers["warning"]) {
      logger.warning("API server warns", metadata: ["path": .string(request.path), "warning": .string(warning)])
    }
    guard response.head.isSuccess else {
      throw explainer.explain(response.head, body: response.body, method: request.method, path: request.path)
    }
    return response
  }

  private func sendOnce(_ request: HTTPRequest) async throws -> HTTPResponse {
    let transfer = try await start(request)
    do {
      let head = try await transfer.head()
      traffic.count(request.method, status: head.status)
      return HTTPResponse(head: head, body: try await Self.collect(transfer, limit: request.limits.maximumBodyBytes))
    } catch let error as TransferError {
      throw translate(error, request)
    }
  }

  private func open(_ request: HTTPRequest) async throws -> OpenedStream {
    let transfer = try await start(request)
    do {
      let head = try await transfer.head()
      traffic.count(request.method, status: head.status)
      guard head.isSuccess else {
        if head.status == 401 { tokens.invalidate() }
        let body = try await Self.collect(transfer, limit: 1 << 20)
        throw explainer.explain(head, body: body, method: request.method, path: request.path)
      }
      return OpenedStream(head: head, transfer: transfer) { [self] in translate($0, request) }
    } catch let error as TransferError {
      throw translate(error, request)
    }
  }

  private func start(_ request: HTTPRequest) async throws -> TransferHandle {
    try Task.checkCancellation()
    if let pace {
      do {
        traffic.waited(try await pace.next(limit: request.limits.overall ?? HTTPRequest.Limits.longestWait))
      } catch is RequestPace.Exceeded {
        throw translate(.tooManyWaiting, request)
      }
    }
    do {
      let transfer = Transfer(builder.build(request, token: try tokens.current()))
      let loop = try loop.get()
      loop.post(.start(transfer))
      return TransferHandle(transfer, on: loop)
    } catch let error as TransferError {
      throw translate(error, request)
    }
  }

  private func translate(_ error: TransferError, _ request: HTTPRequest) -> any Error {
    if error == .cancelled, Task.isCancelled { return CancellationError() }
    traffic.count(request.method, status: nil)
    return explainer.explain(error, method: request.method, path: request.path)
  }

  private static func collect(_ transfer: TransferHandle, limit: Int) async throws -> Data {
    var body = Data()
    while let chunk = try await transfer.nextChunk() {
      guard body.count + chunk.count <= limit else { throw TransferError.tooLarge(limit: limit) }
      body.append(contentsOf: chunk)
    }
    return body
  }
}
