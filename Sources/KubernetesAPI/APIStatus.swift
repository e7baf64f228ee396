/// The `Status` document with which an API server answers when it has no object to answer with.
package struct APIStatus: Sendable, Hashable, Codable, Error, CustomStringConvertible {
  package var kind = "Status"
  package var apiVersion = "v1"
  package var metadata = JSONValue.emptyObject
  /// `Success` or `Failure`.
  package var status: String
  package var message: String?
  /// Machine-readable: `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`, `Expired`, …
  package var reason: String?
  package var details: Details?
  package var code: Int?

  package struct Details: Sendable, Hashable, Codable {
    package var name: String?
    package var group: String?
    package var kind: String?
    package var uid: String?
    package var causes: [Cause]?
    package var retryAfterSeconds: Int?

    package init(
      name: String? = nil, group: String? = nil, kind: String? = nil, uid: String? = nil, causes: [Cause]? = nil,
      retryAfterSeconds: Int? = nil
    ) {
      self.name = name
      self.group = group
      self.kind = kind
      self.uid = uid
      self.causes = causes
      self.retryAfterSeconds = retryAfterSeconds
    }
  }

  package struct Cause: Sendable, Hashable, Codable {
    package var reason: String?
    package var message: String?
    package var field: String?

    package init(reason: String? = nil, message: String? = nil, field: String? = nil) {
      self.reason = reason
      self.message = message
      self.field = field
    }
  }

  package init(
    status: String = "Failure", message: String?, reason: String? = nil, details: Details? = nil, code: Int? = nil
  ) {
    self.status = status
    self.message = message
    self.reason = reason
    self.details = details
    self.code = code
  }

  private enum CodingKeys: String, CodingKey { case kind, apiVersion, metadata, status, message, reason, details, code }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    status = try fields.decodeIfPresent(String.self, forKey: .status) ?? "Failure"
    message = try fields.decodeIfPresent(String.self, forKey: .message)
    reason = try fields.decodeIfPresent(String.self, forKey: .reason)
    details = try fields.decodeIfPresent(Details.self, forKey: .details)
    code = try fields.decodeIfPresent(Int.self, forKey: .code)
  }

  package var description: String { message ?? reason ?? "HTTP \(code ?? 0)" }
}
