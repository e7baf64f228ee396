/// A worker process that runs one attempt at a time.
package struct PodExecutor: Sendable {
  package var connection: UInt64
  package var container: String
  package var slot: UInt16
  package var running: AttemptTable.Key?
  /// The pod's name and the executor's own, as timelines have it.
  package let place: String

  package init(connection: UInt64, container: String, slot: UInt16, pod: String) {
    self.connection = connection
    self.container = container
    self.slot = slot
    place = "\(pod)/\(container)/\(slot)"
  }

  package var name: String { "\(container)/\(slot)" }
}
