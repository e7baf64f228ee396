package import FoundationEssentials

/// The status and the header fields of an answer.
package struct HTTPResponseHead: Sendable, Hashable {
  package var status: Int
  /// Names are lower case. Of a repeated field the values are joined by a comma.
  package var headers: [String: String]

  package init(status: Int, headers: [String: String] = [:]) {
    self.status = status
    self.headers = headers
  }

  package var isSuccess: Bool { (200..<300).contains(status) }
}

/// A whole answer.
package struct HTTPResponse: Sendable {
  package var head: HTTPResponseHead
  package var body: Data

  package init(head: HTTPResponseHead, body: Data) {
    self.head = head
    self.body = body
  }

  package var status: Int { head.status }
  package var headers: [String: String] { head.headers }
}
