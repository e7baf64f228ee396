package import KubernetesAPI

/// Why a request to the API server did not bring what was asked for, and what to do about it.
package struct KubernetesError: Error, Sendable, Hashable {
  enum Code: Hashable, Sendable {
    /// The server answered with an error.
    case status
    case unreachable
    case timedOut
    case connectionLost
    /// Our client certificate or the server's certificate did not do.
    case certificate
    case configuration
    /// The answer is not what an API server says.
    case malformed
    case tooLarge
    case overloaded
  }

  private let code: Code
  /// What the server said, where it said something.
  package let status: APIStatus?
  /// What happened, to which request, and what to do.
  package let message: String
  /// The seconds after which the server asks to try again.
  package let retryAfter: Duration?

  init(_ code: Code, message: String, status: APIStatus? = nil, retryAfter: Duration? = nil) {
    self.code = code
    self.message = message
    self.status = status
    self.retryAfter = retryAfter
  }

  /// What a server asks for, but nobody waits for it for longer than five minutes.
  static func bounded(retryAfter seconds: Int) -> Duration { .seconds(min(max(seconds, 0), 300)) }

  /// The error that a `Status` document stands for.
  package init(_ status: APIStatus, doing what: String = "") {
    self.init(
      .status, message: (what.isEmpty ? "" : "\(what): ") + status.description, status: status,
      retryAfter: status.details?.retryAfterSeconds.map { Self.bounded(retryAfter: $0) })
  }

  package var isNotFound: Bool { status?.code == 404 }
  /// The object has changed since it was read: read it again and redo the change.
  package var isConflict: Bool { status?.code == 409 && status?.reason != "AlreadyExists" }
  package var isAlreadyExists: Bool { status?.reason == "AlreadyExists" }
  /// The version or page asked for is too old: list again.
  package var isExpired: Bool { status?.code == 410 }
  /// The object breaks a rule of its schema.
  package var isInvalid: Bool { status?.code == 422 || (status?.code == 400 && status?.reason != "Expired") }
  package var isUnauthorized: Bool { status?.code == 401 }
  package var isForbidden: Bool { status?.code == 403 }
  /// The server asks to come back later.
  package var isThrottled: Bool { status?.code == 429 }
  /// No answer came: the server may or may not have seen the request.
  package var isUnreachable: Bool {
    switch code {
    case .unreachable, .timedOut, .connectionLost: true
    default: false
    }
  }
  package var isCertificateProblem: Bool { code == .certificate }
}

extension KubernetesError: CustomStringConvertible {
  package var description: String { message }
}
