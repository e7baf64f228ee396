import FoundationEssentials
import Posix

/// Who listens on a port of this machine.
struct PortOwner: Sendable, Hashable {
  var port: Int
  /// Nil where it cannot be seen: it belongs to another user, or it is just ending.
  var pid: Int32?
  var command: String?

  /// Nil if nobody listens there.
  init?(of port: Int) {
    guard let inode = Self.listeningSocket(port) else { return nil }
    self.port = port
    guard let pid = Self.process(holding: inode) else { return }
    self.pid = pid
    let words = (FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") ?? Data()).split(separator: 0)
    command = words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  }

  var description: String {
    guard let pid else { return "another process (of another user, or one that is just ending)" }
    return "process \(pid) (\((command ?? "").prefix(120)))"
  }

  private static func listeningSocket(_ port: Int) -> String? {
    let hexadecimal = String(port, radix: 16, uppercase: true)
    let suffix = ":" + String(repeating: "0", count: max(0, 4 - hexadecimal.count)) + hexadecimal
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
      for line in text(of: table).split(separator: "\n").dropFirst() {
        let fields = line.split(separator: " ")
        // 0A is LISTEN.
        guard fields.count > 9, fields[3] == "0A", fields[1].hasSuffix(suffix), Self.concernsLoopback(fields[1]) else {
          continue
        }
        return String(fields[9])
      }
    }
    return nil
  }

  private static func text(of path: String) -> String {
    let data = try? OpenFile(reading: path).readToEnd(limit: 16 << 20)
    return data.map { String(decoding: $0, as: UTF8.self) } ?? ""
  }

  /// Pods listen on other addresses of 127.0.0.0/8; those are not in the way.
  private static func concernsLoopback(_ address: Substring) -> Bool {
    let host = address.prefix { $0 != ":" }
    return host == "0100007F" || host.allSatisfy { $0 == "0" } || host.count > 8
  }

  private static func process(holding inode: String) -> Int32? {
    let wanted = "socket:[\(inode)]"
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for pid in entries.compactMap({ Int32($0) }) {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? []
      for file in files
      where (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(file)")) == wanted {
        return pid
      }
    }
    return nil
  }
}
