import Foundation
import Glibc
import SharedMemory

/// The program `hostile-worker`, which lies beside the tests. It is started without Foundation, whose processes leave
/// descriptors open that a test could not tell from those that it looks for.
final class HostileProcess {
  private let process: pid_t
  private let file: URL

  init(_ arguments: [String]) throws {
    let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let program = folder.appending(path: "hostile-worker").path
    file = FileManager.default.temporaryDirectory.appending(path: "pheromone-hostile-\(UUID())")
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 1, file.path, O_CREAT | O_WRONLY, 0o600)
    // Copies that are freed below, and a list that ends with none, as it wants.
    var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let error = unsafe posix_spawn(&process, program, &actions, nil, &words, environ)
    guard error == 0 else { throw SystemError("start \(program)", code: error) }
    self.process = process
  }

  deinit { try? FileManager.default.removeItem(at: file) }

  /// Waits for the end. The signal or the exit code, and what it has printed.
  func wait() -> (status: Int32, output: String) {
    var status: Int32 = 0
    unsafe waitpid(process, &status, 0)
    let output = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return (status & 0x7f == 0 ? status >> 8 : status & 0x7f, output)
  }

  func kill() { OwnProcess.kill(process) }
}
