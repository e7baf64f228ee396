/// One entry of `spec.functions` of a `Workflow`.
package struct FunctionSpec: Sendable, Hashable, Decodable {
  package var name: String
  /// Buckets it may put into; nil allows every bucket of the workflow.
  package var outputs: [String]?
  /// Functions it may send to directly.
  package var calls: [String]?
  package var timeout: String?
  package var retry: Retry?
  package var publish: Publish?

  package struct Retry: Sendable, Hashable, Decodable {
    package var limit: Int?
    package var backoff: String?

    package init(limit: Int? = nil, backoff: String? = nil) {
      self.limit = limit
      self.backoff = backoff
    }
  }

  /// When what an attempt puts becomes visible.
  package enum Publish: String, Sendable, Hashable, Codable {
    case onCommit = "OnCommit"
    case immediately = "Immediately"
  }

  package init(
    name: String, outputs: [String]? = nil, calls: [String]? = nil, timeout: String? = nil, retry: Retry? = nil,
    publish: Publish? = nil
  ) {
    self.name = name
    self.outputs = outputs
    self.calls = calls
    self.timeout = timeout
    self.retry = retry
    self.publish = publish
  }
}
