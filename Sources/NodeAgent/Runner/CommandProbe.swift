import Glibc
import Synchronization

/// Runs a command for a probe or a hook and waits for its end.
struct CommandProbe: Sendable {
  let processes: ProcessTable
  let specification: ProcessSpecification
  let timeout: Duration
  /// What is kept of the command's output, for the message.
  private static let outputLimit = 1024

  init(processes: ProcessTable, specification: ProcessSpecification, timeout: Duration) {
    self.processes = processes
    self.specification = specification
    self.timeout = timeout
  }

  func run() async -> NetworkProbe.Outcome {
    let output = CollectedOutput(limit: Self.outputLimit)
    let (ends, end) = AsyncStream.makeStream(of: ProcessExit.self, bufferingPolicy: .bufferingNewest(1))
    let identity: ProcessIdentity
    do {
      identity = try processes.start(specification, output: .receiver { output.append($0) }) { exit in
        end.yield(exit)
        end.finish()
      }
    } catch {
      return .init(succeeded: false, message: "\(error)")
    }
    let exit = await withTaskGroup(of: ProcessExit?.self) { [timeout] group in
      group.addTask {
        for await exit in ends { return exit }
        return nil
      }
      group.addTask {
        try? await Task.sleep(for: timeout)
        return nil
      }
      defer { group.cancelAll() }
      return await group.next() ?? nil
    }
    guard let exit else {
      processes.signal(identity.pid, SIGKILL)
      return .init(succeeded: false, message: "command \(specification.executable) timed out after \(timeout)")
    }
    let text = output.text
    return .init(
      succeeded: exit == .exited(code: 0),
      message: "command \(specification.executable) exited with \(exit.code)" + (text.isEmpty ? "" : ": \(text)"))
  }

  private final class CollectedOutput: Sendable {
    private let limit: Int
    private let bytes = Mutex<[UInt8]>([])

    init(limit: Int) { self.limit = limit }

    func append(_ chunk: ArraySlice<UInt8>?) {
      guard let chunk else { return }
      bytes.withLock { $0 += chunk.prefix(limit - $0.count) }
    }

    var text: String {
      String(decoding: bytes.withLock { $0 }, as: UTF8.self).split(separator: "\n").joined(separator: " ")
    }
  }
}
