package import FoundationEssentials
import Glibc
import Synchronization

/// A file that is read and written piece by piece. It is closed when nobody refers to it any more.
package final class OpenFile: Sendable {
  package static let standardInput = OpenFile(0, "standard input", isOwned: false)
  package static let standardOutput = OpenFile(1, "standard output", isOwned: false)
  package static let standardError = OpenFile(2, "standard error", isOwned: false)

  private static let pieceSize = 1 << 16

  /// Negative once it is closed.
  private let number: Atomic<Int32>
  /// As messages call it.
  private let name: String
  private let isOwned: Bool

  /// Opens a file that exists.
  package convenience init(reading path: String) throws(PosixError) {
    try self.init(path, O_RDONLY, 0)
  }

  /// Opens a file, which is made if it is not there; what is written goes to its end.
  package convenience init(appendingTo path: String, permissions: UInt32) throws(PosixError) {
    try self.init(path, O_WRONLY | O_CREAT | O_APPEND, permissions)
  }

  /// Opens a file that holds nothing then, whatever it held; it is made if it is not there.
  package convenience init(replacing path: String, permissions: UInt32) throws(PosixError) {
    try self.init(path, O_WRONLY | O_CREAT | O_TRUNC, permissions)
  }

  private convenience init(_ path: String, _ flags: Int32, _ permissions: UInt32) throws(PosixError) {
    let descriptor = unsafe open(path, flags | O_CLOEXEC, permissions)
    guard descriptor >= 0 else { throw PosixError("open \(path)", code: errno) }
    self.init(descriptor, path, isOwned: true)
  }

  private init(_ descriptor: Int32, _ name: String, isOwned: Bool) {
    number = Atomic(descriptor)
    self.name = name
    self.isOwned = isOwned
  }

  /// Takes over a descriptor, such as an end of a pipe.
  package convenience init(owning descriptor: Int32, name: String) { self.init(descriptor, name, isOwned: true) }

  deinit { if isOwned { close() } }

  /// For system calls, and for who is given it at the start of a process.
  package var descriptor: Int32 { number.load(ordering: .relaxed) }

  /// Closes it before its time. Nobody may be using it.
  package func close() {
    let descriptor = number.exchange(-1, ordering: .relaxed)
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
  }

  /// How many bytes the file has.
  package func size() throws(PosixError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw PosixError("look at \(name)", code: errno) }
    return Int(status.st_size)
  }

  /// The next read begins so many bytes after the file's beginning.
  package func seek(to offset: Int) throws(PosixError) {
    guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw PosixError("seek in \(name)", code: errno) }
  }

  /// The next bytes: as many as there are now, up to a bound. Waits for one at least; none means the end.
  package func read(upTo count: Int) throws(PosixError) -> Data {
    var piece = Data(count: count)
    while true {
      // The bytes are the piece's own, and there are as many as the call is told.
      let length = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if length >= 0 { return piece.prefix(length) }
      guard errno == EINTR else { throw PosixError("read \(name)", code: errno) }
    }
  }

  /// All that follows, up to a bound. In pieces: some files, such as those of `/proc`, have no size.
  package func readToEnd(limit: Int = .max) throws(PosixError) -> Data {
    var data = Data()
    while data.count < limit {
      let piece = try read(upTo: min(Self.pieceSize, limit - data.count))
      if piece.isEmpty { break }
      data += piece
    }
    return data
  }

  package func write(_ data: Data) throws(PosixError) {
    var rest = data[...]
    while !rest.isEmpty {
      // Only bytes that the piece has are read.
      let length = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if length >= 0 {
        rest = rest.dropFirst(length)
      } else if errno != EINTR {
        throw PosixError("write to \(name)", code: errno)
      }
    }
  }
}
