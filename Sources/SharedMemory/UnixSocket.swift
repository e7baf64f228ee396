import CSharedMemory
import Glibc

/// A stream socket within the pod that can carry descriptors. Closed when nobody refers to it any more.
package final class UnixSocket: Sendable {
  /// What a `receive` found.
  package enum Received: Sendable {
    case data([UInt8], descriptors: [OwnedDescriptor])
    /// Nothing now; the socket is non-blocking.
    case nothing
    /// The peer has closed its end, or is gone.
    case closed
  }

  package struct Credentials: Sendable, Hashable {
    /// Zero for a peer of another process namespace, such as another container.
    package var process: Int32
    package var user: UInt32
    package var group: UInt32
  }

  /// The most descriptors that one `receive` hands out; more are closed at once.
  package static let descriptorLimit = 16

  private let file: OwnedDescriptor

  private init(_ file: OwnedDescriptor) { self.file = file }

  /// For an `EventLoop`.
  package var descriptor: Int32 { file.number }

  /// Listens at a path of any length that anyone who reaches the folder may connect to. A stale socket file is
  /// replaced; any other file is left alone and is an error. `accept` on it never blocks.
  package static func listen(path: String) throws(SystemError) -> UnixSocket {
    let result = unsafe csm_listen(path, 0o666)
    return UnixSocket(OwnedDescriptor(owning: try SystemError.check(result, "listen at \(path)")))
  }

  /// Connects, blocking; the socket blocks until `setNonBlocking`.
  package static func connect(path: String) throws(SystemError) -> UnixSocket {
    let result = unsafe csm_connect(path)
    return UnixSocket(OwnedDescriptor(owning: try SystemError.check(result, "connect to \(path)")))
  }

  /// Two connected, blocking ends, for tests.
  package static func pair() throws(SystemError) -> (UnixSocket, UnixSocket) {
    var first: Int32 = -1
    var second: Int32 = -1
    let result = unsafe csm_socket_pair(&first, &second)
    try SystemError.check(result, "make a pair of sockets")
    return (UnixSocket(OwnedDescriptor(owning: first)), UnixSocket(OwnedDescriptor(owning: second)))
  }

  /// The next connection, non-blocking, or nil when none waits.
  package func accept() throws(SystemError) -> UnixSocket? {
    let result = csm_accept(file.number)
    if result == -EAGAIN { return nil }
    return UnixSocket(OwnedDescriptor(owning: try SystemError.check(result, "accept a connection")))
  }

  package func setNonBlocking(_ isOn: Bool = true) throws(SystemError) {
    try SystemError.check(csm_set_nonblocking(file.number, isOn ? 1 : 0), "change a socket's mode")
  }

  /// Sends what the socket takes and answers how much; nil when it takes nothing now. Descriptors travel with the first
  /// byte: do not pass them again with the rest.
  package func send(_ bytes: ArraySlice<UInt8>, descriptors: [Int32] = []) throws(SystemError) -> Int? {
    let result = unsafe bytes.withUnsafeBytes { buffer in
      unsafe descriptors.withUnsafeBufferPointer { passed in
        unsafe csm_send(file.number, buffer.baseAddress, buffer.count, passed.baseAddress, Int32(passed.count))
      }
    }
    if result == Int64(-EAGAIN) { return nil }
    return Int(try SystemError.check(result, "send to a peer"))
  }

  /// Sends all of it on a blocking socket.
  package func sendAll(_ bytes: [UInt8], descriptor: Int32? = nil) throws(SystemError) {
    var rest = bytes[...]
    var passed = descriptor.map { [$0] } ?? []
    while !rest.isEmpty {
      guard let sent = try send(rest, descriptors: passed) else {
        throw SystemError("send \(rest.count) bytes", reason: "the socket is non-blocking and full")
      }
      passed = []
      rest = rest.dropFirst(sent)
    }
  }

  /// Receives at most so many bytes, with the descriptors that came with them.
  package func receive(atMost limit: Int = 65536) throws(SystemError) -> Received {
    var numbers = [Int32](repeating: -1, count: Self.descriptorLimit)
    var numberCount: Int32 = 0
    var result: Int64 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
      unsafe result = csm_receive(
        file.number, buffer.baseAddress, buffer.count, &numbers, Int32(Self.descriptorLimit), &numberCount)
      initialized = result > 0 ? Int(result) : 0
    }
    let descriptors = numbers.prefix(Int(numberCount)).map(OwnedDescriptor.init(owning:))
    if result == Int64(-EAGAIN) { return .nothing }
    if result == 0 || result == Int64(-ECONNRESET) { return .closed }
    try SystemError.check(result, "receive from a peer")
    return .data(bytes, descriptors: descriptors)
  }

  /// Takes what the peer has sent and nobody will read any more. What the kernel throws away itself at the end, it closes
  /// in its own way, see `csm_close`. Call it after `shutDown`, which makes sure that there is an end to it.
  package func discard() { while case .data? = try? receive() {} }

  /// Who is at the other end.
  package func peerCredentials() throws(SystemError) -> Credentials {
    var process: Int32 = 0
    var user: UInt32 = 0
    var group: UInt32 = 0
    let result = unsafe csm_peer(file.number, &process, &user, &group)
    try SystemError.check(result, "ask who a peer is")
    return Credentials(process: process, user: user, group: group)
  }

  /// Ends the connection in both directions, which wakes a blocked `receive` of either side.
  package func shutDown() { csm_shutdown(file.number) }
}
