import FoundationEssentials
import Logging
import Posix
import Synchronization

/// A file with a line of JSON for each request.
///
/// It is bounded: a file that is full becomes `FILE.1`, the one of that name `FILE.2`, and so on; the oldest goes.
final class AuditLog: Sendable {
  private struct State {
    var file: OpenFile?
    var size = 0
    var hasFailed = false
  }

  private let path: String
  private let fileLimit: Int
  private let fileCount: Int
  private let logger: Logger
  private let state = Mutex(State())

  init(_ settings: LocalAPIServer.AuditSettings, logger: Logger) {
    path = settings.path
    fileLimit = settings.fileLimit
    fileCount = max(1, settings.fileCount)
    self.logger = logger
  }

  func record(_ entry: AuditEntry, at time: Date) {
    let line = Data(entry.line(at: time).utf8)
    state.withLock { state in
      do {
        try write(line, &state)
        state.hasFailed = false
      } catch {
        // Told once, until it works again: there may be thousands of requests.
        if !state.hasFailed {
          logger.error("the audit log cannot be written", metadata: ["file": .string(path), "error": "\(error)"])
        }
        state.hasFailed = true
        state.file = nil
      }
    }
  }

  private func write(_ line: Data, _ state: inout State) throws {
    if state.file == nil { try open(&state) }
    if state.size > 0, state.size + line.count > fileLimit {
      state.file = nil
      try rotate()
      try open(&state)
    }
    try state.file?.write(line)
    state.size += line.count
  }

  private func open(_ state: inout State) throws {
    let file = try OpenFile(appendingTo: path, permissions: 0o600)
    state.size = try file.size()
    state.file = file
  }

  private func rotate() throws {
    let files = FileManager.default
    func name(_ number: Int) -> String { number == 0 ? path : "\(path).\(number)" }
    for number in (0..<fileCount).reversed() where files.fileExists(atPath: name(number)) {
      if number == fileCount - 1 {
        try files.removeItem(atPath: name(number))
      } else {
        try files.moveItem(atPath: name(number), toPath: name(number + 1))
      }
    }
  }
}

extension LocalAPIServer {
  /// Where requests are recorded, and how much of that is kept.
  package struct AuditSettings: Sendable {
    package var path: String
    /// In bytes.
    package var fileLimit = 16 << 20
    /// With the one that is written to.
    package var fileCount = 4

    package init(path: String) { self.path = path }
  }
}
