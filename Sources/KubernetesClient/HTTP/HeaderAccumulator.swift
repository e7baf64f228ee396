/// Collects header lines as libcurl hands them out. Interim answers (1xx) are forgotten when the next status line comes.
struct HeaderAccumulator {
  private var head: HTTPResponseHead?
  private var bytes = 0

  /// More than this in header lines is no answer of an API server.
  static let maximumBytes = 256 << 10

  enum Outcome: Equatable {
    case more
    case complete(HTTPResponseHead)
    case refused
  }

  mutating func lineArrived(_ line: some StringProtocol) -> Outcome {
    bytes += line.utf8.count
    guard bytes <= Self.maximumBytes else { return .refused }
    let text = Self.trimmed(line)
    if text.hasPrefix("HTTP/") {
      let parts = text.split(separator: " ", maxSplits: 2)
      guard parts.count >= 2, let status = Int(parts[1]) else { return .refused }
      head = HTTPResponseHead(status: status)
      return .more
    }
    guard var current = head else { return .refused }
    if text.isEmpty {
      return current.status >= 200 ? .complete(current) : .more
    }
    guard let colon = text.firstIndex(of: ":") else { return .more }
    let name = text[..<colon].lowercased()
    let value = Self.trimmed(text[text.index(after: colon)...])
    current.headers[name] = current.headers[name].map { "\($0), \(value)" } ?? String(value)
    head = current
    return .more
  }

  private static func trimmed(_ text: some StringProtocol) -> Substring {
    var rest = Substring(text)
    while let last = rest.last, last.isWhitespace { rest.removeLast() }
    return rest.drop(while: \.isWhitespace)
  }
}
