package import FoundationEssentials
import Glibc
import Posix
import Synchronization

/// The log of one run of a container. At most two files of `sizeLimit` bytes: a full one is renamed once and the one
/// before it is dropped.
package final class ContainerLog: Sendable {
  private struct State {
    var file: Int32
    var size = 0
    var partial: [UInt8] = []
    /// Counts renames, so that who follows knows when to go to the next file.
    var generation = 0
    var isClosed = false
    var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
    var nextWaiter = 0
  }

  package let path: String
  package let rotatedPath: String
  private let sizeLimit: Int
  /// A longer line is kept in pieces.
  static let lineLimit = 16 << 10
  private let state: Mutex<State>

  package init(path: String, sizeLimit: Int = 10 << 20) throws(ProcessError) {
    self.path = path
    rotatedPath = path + ".1"
    self.sizeLimit = sizeLimit
    let file = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw ProcessError("cannot write the log \(path): \(Errno.current)") }
    state = Mutex(State(file: file))
  }

  deinit { state.withLock { if !$0.isClosed { close($0.file) } } }

  /// Takes output in; nil ends the log.
  package func append(_ bytes: ArraySlice<UInt8>?, now: Date = Date()) {
    let timestamp = LogLine.timestamp(now)
    // Told outside the lock: ending a stream calls back into this log.
    let (waiters, isEnd) = state.withLock { state in
      guard !state.isClosed else { return ([AsyncStream<Void>.Continuation](), false) }
      take(bytes, timestamp, &state)
      return (Array(state.waiters.values), state.isClosed)
    }
    for waiter in waiters {
      waiter.yield()
      if isEnd { waiter.finish() }
    }
  }

  private func take(_ bytes: ArraySlice<UInt8>?, _ timestamp: String, _ state: inout State) {
    var kept: [UInt8] = []
    for byte in bytes ?? [] {
      let isEndOfLine = byte == UInt8(ascii: "\n")
      if !isEndOfLine { state.partial.append(byte) }
      guard isEndOfLine || state.partial.count >= Self.lineLimit else { continue }
      kept += LogLine(timestamp: timestamp, isWhole: isEndOfLine, text: state.partial).kept
      state.partial.removeAll(keepingCapacity: true)
    }
    if bytes == nil, !state.partial.isEmpty {
      kept += LogLine(timestamp: timestamp, isWhole: false, text: state.partial).kept
      state.partial = []
    }
    if !kept.isEmpty { write(kept, &state) }
    if bytes == nil {
      close(state.file)
      state.isClosed = true
    }
  }

  package var generation: Int { state.withLock { $0.generation } }
  package var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Yields whenever there may be more to read; several changes may be told as one. Ends with the log.
  package func changes() -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let number = state.withLock { state -> Int? in
      guard !state.isClosed else { return nil }
      state.nextWaiter += 1
      state.waiters[state.nextWaiter] = continuation
      return state.nextWaiter
    }
    guard let number else {
      continuation.finish()
      return stream
    }
    continuation.onTermination = { [weak self] _ in
      // The entry goes out of the lock before it goes away, as its end may call back.
      _ = self?.state.withLock { $0.waiters.removeValue(forKey: number) }
    }
    return stream
  }

  private func write(_ bytes: [UInt8], _ state: inout State) {
    if state.size > 0, state.size + bytes.count > sizeLimit {
      let next = unsafe open(path + ".new", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
      // A disk that refuses a new file keeps the old one: the bound yields before the output does.
      if next >= 0 {
        unsafe rename(path, rotatedPath)
        unsafe rename(path + ".new", path)
        close(state.file)
        state.file = next
        state.size = 0
        state.generation += 1
      }
    }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(state.file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      // A full disk loses output rather than stopping the container, whose pipe would fill up.
      guard count > 0 else { break }
      rest = rest.dropFirst(count)
    }
    state.size += bytes.count
  }
}
