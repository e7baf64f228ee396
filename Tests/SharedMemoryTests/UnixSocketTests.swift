import Glibc
import Testing

@testable import SharedMemory

@Suite struct UnixSocketTests {
  private func temporaryFolder() throws -> String {
    var template = Array("/tmp/pheromone-XXXXXX".utf8CString)
    return unsafe String(cString: try #require(unsafe mkdtemp(&template)))
  }

  @Test func descriptorsTravelWithTheFirstByte() throws {
    let (left, right) = try UnixSocket.pair()
    let segment = try MemorySegment.create(size: 4096, access: .writing)
    try segment.write([7], at: 0)
    try segment.seal()
    try left.sendAll([1, 2, 3], descriptor: segment.descriptor)
    guard case .data(let bytes, let descriptors) = try right.receive() else {
      Issue.record("nothing came")
      return
    }
    #expect(bytes == [1, 2, 3])
    let received = try MemorySegment.adopt(try #require(descriptors.first), size: 4096, access: .reading)
    #expect(try received.read(offset: 0, length: 1) == [7])
    #expect(fcntl(received.descriptor, F_GETFD) & FD_CLOEXEC != 0)
  }

  @Test(arguments: [1, 120]) func pathsOfAnyLength(nameLength: Int) throws {
    let folder = try temporaryFolder()
    let path = "\(folder)/\(String(repeating: "d", count: nameLength))"
    unsafe mkdir(path, 0o700)
    let address = path + "/sidecar.sock"
    let first = try UnixSocket.listen(path: address)
    #expect(try first.accept() == nil)
    // The stale file of an earlier life is replaced.
    let listener = try UnixSocket.listen(path: address)
    let client = try UnixSocket.connect(path: address)
    let server = try #require(try listener.accept())
    #expect(try server.peerCredentials().process == getpid())
    #expect(try server.send([9][...]) == 1)
    guard case .data([9], _) = try client.receive() else {
      Issue.record("nothing came")
      return
    }
    client.shutDown()
    guard case .closed = try server.receive() else {
      Issue.record("the end was not noticed")
      return
    }
    unsafe unlink(address)
    unsafe rmdir(path)
    unsafe rmdir(folder)
  }

  @Test func aFileThatIsNoSocketIsLeftAlone() throws {
    let folder = try temporaryFolder()
    let path = folder + "/file"
    close(unsafe open(path, O_CREAT | O_WRONLY, 0o600))
    #expect(throws: SystemError.self) { try UnixSocket.listen(path: path) }
    let isThere = unsafe access(path, F_OK) == 0
    #expect(isThere)
    unsafe unlink(path)
    unsafe rmdir(folder)
  }

  @Test func nobodyListening() {
    let error = #expect(throws: SystemError.self) { try UnixSocket.connect(path: "/tmp/pheromone-none/s") }
    #expect(error?.isUnreachable == true)
  }

  @Test func aFullSocketTakesNothing() throws {
    let (left, right) = try UnixSocket.pair()
    try left.setNonBlocking()
    let chunk = [UInt8](repeating: 0, count: 1 << 20)
    var sent: Int? = 0
    while sent != nil { sent = try left.send(chunk[...]) }
    try right.setNonBlocking()
    guard case .data = try right.receive() else {
      Issue.record("nothing came")
      return
    }
  }
}
