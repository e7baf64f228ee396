import Glibc
import SharedMemory

/// A TCP socket that still has something to send to a peer that does not read, and is to linger: whoever closes its last
/// descriptor waits for the peer.
enum LingeringSocket {
  /// The socket, for the caller to close in the plain way, and its peer, which has to stay open. Nil when there is no
  /// loopback to be had.
  static func make(seconds: Int32 = 3600) -> (lingering: Int32, peer: OwnedDescriptor)? {
    let stream = Int32(SOCK_STREAM.rawValue)
    let listener = OwnedDescriptor(owning: socket(AF_INET, stream, 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    // Each call is given an address of this function, as long as it says.
    let isListening = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        unsafe bind(listener.number, generic, length) == 0 && listen(listener.number, 1) == 0
          && getsockname(listener.number, generic, &length) == 0
      }
    }
    guard isListening else { return nil }
    let lingering = socket(AF_INET, stream, 0)
    let isConnected = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(lingering, $0, length) == 0
      }
    }
    let peer = OwnedDescriptor(owning: accept(listener.number, nil, nil))
    guard isConnected, peer.number >= 0 else { return nil }
    var option = linger(l_onoff: 1, l_linger: seconds)
    unsafe setsockopt(lingering, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    let bytes = [UInt8](repeating: 0, count: 1 << 16)
    // Until neither side takes any more.
    while unsafe send(lingering, bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0 {}
    return (lingering, peer)
  }
}
