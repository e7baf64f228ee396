import CSharedMemory
import Foundation
import Glibc

/// What the driver tells the processes that it starts.
enum Environment {
  /// The program that a process is to become, and which process it is to end with.
  static let program = "PHEROMONE_BENCH_PROGRAM"
  static let parent = "PHEROMONE_BENCH_PARENT"

  static var isFunctionHost: Bool { ProcessInfo.processInfo.environment["PHEROMONE_SOCKET"] != nil }

  static func text(_ name: String) -> String? { ProcessInfo.processInfo.environment[name] }

  static func list(_ name: String) -> [String] { (text(name) ?? "").split(separator: ",").map(String.init) }

  /// Turns this process into the program that the driver has named, if it has. Whatever ends the driver ends it too.
  static func becomeProgram() throws {
    guard let path = text(program), let parent = text(parent).flatMap(Int32.init) else { return }
    guard csm_parent_death_signal(SIGTERM, parent) >= 0 else { throw BenchError("the driver has ended already") }
    unsafe unsetenv(Self.program)
    unsafe unsetenv(Self.parent)
    // The arguments are copies that live until the program is another one; a null ends them.
    var arguments = unsafe ([path] + CommandLine.arguments.dropFirst()).map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    unsafe execv(path, arguments)
    throw BenchError("cannot run \(path)")
  }
}
