package import FoundationEssentials

/// A request to the API server. Credentials and the server's address are added by the client.
package struct HTTPRequest: Sendable {
  package var method: String
  /// Begins with `/` and is percent-encoded where needed; without a query.
  package var path: String
  /// Names and values as they are; the client encodes them.
  package var query: [(name: String, value: String)]
  package var headers: [(name: String, value: String)]
  package var body: Data?
  package var limits: Limits

  package init(
    method: String = "GET", path: String, query: [(name: String, value: String)] = [],
    headers: [(name: String, value: String)] = [], body: Data? = nil, limits: Limits = .request
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
    self.limits = limits
  }

  /// What bounds one exchange in time and memory.
  package struct Limits: Sendable {
    /// Until the connection stands, TLS included.
    package var connect: Duration
    /// The whole exchange; nil for streams that may go on for ever.
    package var overall: Duration?
    /// How long no byte may flow; nil for streams that may be silent.
    package var silence: Duration?
    /// The largest body that `send` collects.
    package var maximumBodyBytes: Int
    /// What a stream holds for its reader before it stops reading from the network.
    package var bufferBytes: Int

    package init(
      connect: Duration = .seconds(10), overall: Duration? = .seconds(60), silence: Duration? = .seconds(30),
      maximumBodyBytes: Int = 64 << 20, bufferBytes: Int = 1 << 20
    ) {
      self.connect = connect
      self.overall = overall
      self.silence = silence
      self.maximumBodyBytes = maximumBodyBytes
      self.bufferBytes = bufferBytes
    }

    /// How long a request without an `overall` limit may be held back before it is sent.
    static let longestWait = Duration.seconds(60)

    package static let request = Limits()
    /// For answers that go on until someone hangs up, such as followed logs.
    package static let stream = Limits(overall: nil, silence: nil)
  }
}
