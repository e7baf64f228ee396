/// Whose sockets there are, from the text of `/proc/net/tcp` and `/proc/net/tcp6`.
///
/// `kubectl` sends no credentials over plain HTTP, so the server asks the system who is at the other end: only its own
/// user and root may talk to it.
struct PeerTable: Sendable {
  struct Endpoint: Sendable, Hashable {
    /// IPv4, first byte first.
    var address: [UInt8]
    var port: UInt16
  }

  private struct Connection: Hashable {
    var local: Endpoint
    var remote: Endpoint
  }

  private var owners: [Connection: UInt32] = [:]

  init(tables: [String]) {
    for table in tables {
      for line in table.split(separator: "\n").dropFirst() {
        let columns = line.split(separator: " ")
        guard columns.count > 7, let local = Self.endpoint(columns[1]), let remote = Self.endpoint(columns[2]),
          let uid = UInt32(columns[7])
        else { continue }
        owners[Connection(local: local, remote: remote)] = uid
      }
    }
  }

  /// The user whose socket is bound to `client` and connected to `server`; nil where there is none.
  func owner(of client: Endpoint, connectedTo server: Endpoint) -> UInt32? {
    owners[Connection(local: client, remote: server)]
  }

  /// `0100007F:1F90`, or the 32 digits of an IPv6 address that stands for an IPv4 one. Words are little-endian.
  private static func endpoint(_ text: Substring) -> Endpoint? {
    guard let colon = text.firstIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...], radix: 16) else {
      return nil
    }
    var digits = text[..<colon]
    if digits.count == 32 {
      guard digits.hasPrefix("0000000000000000FFFF0000") else { return nil }
      digits = digits.suffix(8)
    }
    guard digits.count == 8, let word = UInt32(digits, radix: 16) else { return nil }
    let bytes = [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
    return Endpoint(address: bytes, port: port)
  }
}
