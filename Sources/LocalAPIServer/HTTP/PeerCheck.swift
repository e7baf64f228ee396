import Glibc
import NIOCore
import Posix
import Synchronization

/// Remembers for each open connection whether its peer may talk to this server.
final class PeerCheck: Sendable {
  private let verdicts = Mutex<[ObjectIdentifier: Bool]>([:])
  private let isActive: Bool

  init(isActive: Bool) { self.isActive = isActive }

  func allows(_ channel: any Channel) -> Bool {
    guard isActive else { return true }
    let id = ObjectIdentifier(channel)
    if let known = verdicts.withLock({ $0[id] }) { return known }
    let verdict = Self.check(channel)
    verdicts.withLock { $0[id] = verdict }
    channel.closeFuture.whenComplete { [weak self] _ in
      guard let self else { return }
      verdicts.withLock { $0[id] = nil }
    }
    return verdict
  }

  private static func check(_ channel: any Channel) -> Bool {
    guard let client = endpoint(channel.remoteAddress), let server = endpoint(channel.localAddress) else {
      return false
    }
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].compactMap(text)
    guard let owner = PeerTable(tables: tables).owner(of: client, connectedTo: server) else { return false }
    return owner == 0 || owner == geteuid()
  }

  private static func text(_ path: String) -> String? {
    guard let data = try? OpenFile(reading: path).readToEnd(limit: 16 << 20) else { return nil }
    return String(decoding: data, as: UTF8.self)
  }

  private static func endpoint(_ address: SocketAddress?) -> PeerTable.Endpoint? {
    guard let address, let text = address.ipAddress, let port = address.port else { return nil }
    let bytes = text.split(separator: ".").compactMap { UInt8($0) }
    return bytes.count == 4 ? PeerTable.Endpoint(address: bytes, port: UInt16(port)) : nil
  }
}
