/// A worker process that runs one attempt at a time.
package struct PodExecutor: Sendable {
  package var connection: UInt64
  package var container: String
  package var slot: UInt16
  package var running: UInt64?
  /// It waits for room for an object of so many bytes.
  package var waitingForBytes: Int?

  package var name: String { "\(container)/\(slot)" }
}
