import CSharedMemory
import Glibc

/// Processes of this same program: how a supervisor starts, ends and buries its workers.
package enum OwnProcess {
  package struct Ended: Sendable, Hashable {
    package var process: Int32
    package var isSignal: Bool
    /// The exit code, or the signal.
    package var number: UInt8
  }

  /// Starts this program again with its arguments and environment, plus one variable (`NAME=value`).
  package static func spawn(adding variable: String) throws(SystemError) -> Int32 {
    let result = unsafe csm_spawn_self(variable)
    return try SystemError.check(result, "start this program again")
  }

  /// Writes what is printed at the end of each line, also into a pipe: a container's log shows it at once.
  package static func printByLine() { csm_print_by_line() }

  /// From now on memory that large messages took goes back to the system once it is freed.
  package static func returnLargeMemory() { csm_return_large_memory() }

  /// Lets the kernel kill this process when its parent ends. An error when the parent has ended already.
  package static func dieWithParent(_ parent: Int32) throws(SystemError) {
    try SystemError.check(csm_parent_death_signal(SIGKILL, parent), "be ended with the supervisor")
  }

  /// A child that has ended, if there is one that was not taken yet.
  package static func takeEndedChild() throws(SystemError) -> Ended? {
    var status: Int32 = 0
    let result = unsafe csm_take_ended_child(&status)
    let process = try SystemError.check(result, "look for ended workers")
    return process == 0
      ? nil : Ended(process: process, isSignal: status < 0, number: UInt8(truncatingIfNeeded: abs(status)))
  }

  /// Asks a process to finish (SIGTERM). One that is gone is no error.
  package static func terminate(_ process: Int32) { _ = csm_signal_process(process, SIGTERM) }

  /// Ends a process at once (SIGKILL).
  package static func kill(_ process: Int32) { _ = csm_signal_process(process, SIGKILL) }

  /// Whether SIGTERM or SIGINT has come since `EventLoop.wakeOnSignals`.
  package static var isTerminationRequested: Bool { csm_termination_requested() != 0 }

  package static var identifier: Int32 { getpid() }
}
