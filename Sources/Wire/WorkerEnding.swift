/// How a worker's process has ended, as its supervisor knows it.
package struct WorkerEnding: Sendable, Hashable, CustomStringConvertible {
  /// As in the worker's `Hello`.
  package var process: UInt32
  package var isSignal: Bool
  /// The exit code, or the signal.
  package var number: UInt8

  package init(process: UInt32, isSignal: Bool, number: UInt8) {
    self.process = process
    self.isSignal = isSignal
    self.number = number
  }

  package var description: String { isSignal ? "signal \(number)" : "exit code \(number)" }
}
