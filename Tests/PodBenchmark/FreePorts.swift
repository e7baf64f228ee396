import Glibc

/// Ports of loopback that nobody listens at now, below those that the kernel gives to clients.
enum FreePorts {
  /// The first of so many neighbours.
  static func first(of count: Int = 1) -> Int {
    (5000..<7500).shuffled().lazy.map { $0 * 4 }
      .first { port in (port..<port + count).allSatisfy(isFree) } ?? 20_000
  }

  private static func isFree(_ port: Int) -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    return unsafe Loopback.withAddress(port: port) { address, length in unsafe bind(descriptor, address, length) } == 0
  }
}

/// The address of this machine in itself.
enum Loopback {
  static func withAddress(port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
    // A socket address of this family, for the time of the call.
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
