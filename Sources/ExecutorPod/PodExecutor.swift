package import Wire

/// A worker process that runs one attempt at a time.
package struct PodExecutor: Sendable {
  package var connection: UInt64
  package var container: String
  package var slot: UInt16
  /// Whether it can go on by itself.
  let continues: Bool
  /// Whether it keeps to the free ranges of memory that it is to use again.
  let fillsGaps: Bool
  package var running: AttemptTable.Key?
  /// What it was last sent, and may have gone on with since.
  var run = Run()
  /// The pod's name and the executor's own, as timelines have it.
  package let place: String

  /// An invocation and those that follow it without the sidecar's word.
  struct Run: Sendable {
    /// The number that all frames about it have.
    var number: UInt64 = 0
    var hops = 0
    var continuations: Continuations?
  }

  /// Its process's number in its container, zero if unknown.
  let process: UInt32
  /// How the process has ended, if that was told before its connection closed.
  var ending: WorkerEnding?

  package init(
    connection: UInt64, container: String, slot: UInt16, pod: String, features: Features = [], process: UInt32 = 0
  ) {
    self.connection = connection
    self.container = container
    self.slot = slot
    continues = features.contains(.continuations)
    fillsGaps = features.contains(.freeRanges)
    self.process = process
    place = "\(pod)/\(container)/\(slot)"
  }

  package var name: String { "\(container)/\(slot)" }

  /// What it runs under that number.
  func running(under number: UInt64) -> AttemptTable.Key? { run.number == number ? running : nil }
}
