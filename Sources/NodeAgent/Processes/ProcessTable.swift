import CProcess
import Dispatch
import Glibc
import Posix
import Synchronization

/// The processes that this program runs. Each is watched by a thread that waits for its end; then the rest of its
/// session is killed, as a container ends with its first process.
package final class ProcessTable: Sendable {
  private struct Entry {
    var identity: ProcessIdentity
  }

  private let ledger: ProcessLedger?
  private let entries = Mutex<[Int32: Entry]>([:])

  /// With a ledger, each process is written down until it has ended.
  package init(ledger: ProcessLedger? = nil) { self.ledger = ledger }

  /// Starts a process. `ended` is called once, on a thread of its own, after all output has been delivered.
  package func start(
    _ specification: ProcessSpecification, output: ProcessOutput,
    ended: @escaping @Sendable (ProcessExit) -> Void
  ) throws(ProcessError) -> ProcessIdentity {
    switch output {
    case .file(let path):
      let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
      guard file >= 0 else { throw ProcessError("cannot open \(path): \(Errno.current)") }
      defer { close(file) }
      let identity = try launch(specification, standardOutput: file)
      watch(identity) { exit in ended(exit) }
      return identity
    case .receiver(let receive):
      let data = try Self.makePipe()
      // Its end tells the reader that the process is gone: descendants that left the session may hold the other pipe.
      let end = try Self.makePipe(closingOnFailure: data)
      let identity: ProcessIdentity
      do throws(ProcessError) {
        identity = try launch(specification, standardOutput: data.write)
      } catch {
        for descriptor in [data.read, data.write, end.read, end.write] { close(descriptor) }
        throw error
      }
      close(data.write)
      let readerDone = DispatchSemaphore(value: 0)
      Self.runThread("output-\(identity.pid)") {
        OutputPump.run(data: data.read, end: end.read, receive: receive)
        readerDone.signal()
      }
      watch(identity) { exit in
        close(end.write)
        readerDone.wait()
        ended(exit)
      }
      return identity
    }
  }

  /// Signals a process and everything in its session. False if it has ended.
  @discardableResult
  package func signal(_ pid: Int32, _ signal: Int32, wholeGroup: Bool = true) -> Bool {
    // Under the lock: a number stays ours until `reap` has removed the entry.
    entries.withLock { entries in
      guard entries[pid] != nil else { return false }
      return kill(wholeGroup ? -pid : pid, signal) == 0
    }
  }

  package var running: [ProcessIdentity] { entries.withLock { $0.values.map(\.identity) } }

  private func launch(
    _ specification: ProcessSpecification, standardOutput: Int32
  ) throws(ProcessError) -> ProcessIdentity {
    let pid = try ProcessSpawner.spawn(specification, standardOutput: standardOutput)
    let identity = ProcessIdentity(runningAs: pid) ?? ProcessIdentity(pid: pid, startTime: nil)
    entries.withLock { $0[pid] = Entry(identity: identity) }
    try? ledger?.add(identity)
    return identity
  }

  private func watch(_ identity: ProcessIdentity, _ ended: @escaping @Sendable (ProcessExit) -> Void) {
    Self.runThread("wait-\(identity.pid)") { [self] in ended(reap(identity)) }
  }

  private func reap(_ identity: ProcessIdentity) -> ProcessExit {
    let pid = identity.pid
    // The zombie stays, so that the number cannot be taken while the rest of its group is killed.
    _ = cprocess_await_end(pid)
    kill(-pid, SIGKILL)
    var status: Int32 = 0
    entries.withLock { entries in
      while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
      entries[pid] = nil
    }
    ledger?.remove(identity)
    let signal = status & 0x7f
    return signal == 0 ? .exited(code: (status >> 8) & 0xff) : .signalled(signal: signal)
  }

  private static func makePipe(
    closingOnFailure other: (read: Int32, write: Int32)? = nil
  ) throws(ProcessError) -> (read: Int32, write: Int32) {
    var descriptors: [Int32] = [0, 0]
    let failure = unsafe cprocess_pipe(&descriptors)
    guard failure == 0 else {
      if let other {
        close(other.read)
        close(other.write)
      }
      throw ProcessError("cannot make a pipe: \(Errno.text(failure))")
    }
    return (descriptors[0], descriptors[1])
  }

  private static func runThread(_ name: String, _ body: @escaping @Sendable () -> Void) {
    do {
      try NamedThread.start(name, stackSize: 256 << 10, body)
    } catch {
      // There is no thread to be had at the moment. A queue runs it as soon as there is.
      DispatchQueue(label: name).async(execute: body)
    }
  }
}
