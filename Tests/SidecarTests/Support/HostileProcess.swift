import Foundation
import Glibc
import SharedMemory

/// The program `hostile-worker`, or another one that lies beside the tests. It is started without Foundation, whose processes leave
/// descriptors open that a test could not tell from those that it looks for.
final class HostileProcess {
  private let process: pid_t
  private let file: URL

  /// - Parameter variables: what its environment has besides that of the tests.
  init(_ arguments: [String], program name: String = "hostile-worker", variables: [String: String] = [:]) throws {
    let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let program = folder.appending(path: name).path
    file = FileManager.default.temporaryDirectory.appending(path: "pheromone-hostile-\(UUID())")
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 1, file.path, O_CREAT | O_WRONLY, 0o600)
    // Copies that are freed below, and a list that ends with none, as it wants.
    var words: [UnsafeMutablePointer<CChar>?] = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    defer { unsafe words.forEach { unsafe free($0) } }
    let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }.map { "\($0)=\($1)" }
    var lines: [UnsafeMutablePointer<CChar>?] = unsafe environment.map { unsafe strdup($0) } + [nil]
    defer { unsafe lines.forEach { unsafe free($0) } }
    var process: pid_t = 0
    // Threads that tests run on block signals, which a process would inherit.
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    unsafe sigemptyset(&none)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let error = unsafe posix_spawn(&process, program, &actions, &attributes, &words, &lines)
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

  /// Asks it to finish.
  func terminate() { OwnProcess.terminate(process) }
}
