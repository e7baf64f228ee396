import FoundationEssentials
import Glibc
import Posix

/// Remembers on disk which process groups this program started, one file each, so that a later run can end those that
/// an earlier one left behind when it was killed. Exactly these: a number that was taken by another process is spared.
package struct ProcessLedger: Sendable {
  package let folder: String

  package init(folder: String) throws {
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  package func add(_ process: ProcessIdentity) throws {
    // The entry is the name itself: making a file is atomic, writing one is not.
    let name = "\(folder)/\(process.pid)-\(process.startTime ?? 0)"
    guard FileManager.default.createFile(atPath: name, contents: nil) else {
      throw ProcessError("cannot write \(name): \(Errno.current)")
    }
  }

  package func remove(_ process: ProcessIdentity) {
    unsafe unlink("\(folder)/\(process.pid)-\(process.startTime ?? 0)")
  }

  package var entries: [ProcessIdentity] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      let parts = name.split(separator: "-")
      guard parts.count == 2, let pid = Int32(parts[0]), let time = UInt64(parts[1]) else { return nil }
      return ProcessIdentity(pid: pid, startTime: time == 0 ? nil : time)
    }
  }

  /// Kills what an earlier run left behind, and waits until it is gone or the time is over: until then it holds its ports.
  /// Returns what it found alive.
  @discardableResult
  package func endLeftovers(within limit: Duration = .seconds(5)) -> [ProcessIdentity] {
    var watches: [ProcessWatch] = []
    let found = entries.filter { process in
      // Before the signal: afterwards a number can soon be another process's.
      let members = process.liveGroupMembers.compactMap { ProcessWatch(pid: $0) }
      let wasAlive = process.signalGroup(SIGKILL)
      if wasAlive { watches += members }
      remove(process)
      return wasAlive
    }
    let deadline = ContinuousClock.now + limit
    for watch in watches { _ = watch.awaitEnd(until: deadline) }
    return found
  }
}
