import CSharedMemory

/// An eventfd with which a side is woken that sleeps on its ring together with sockets, in an `EventLoop`.
///
/// The side that sleeps makes it and sends its descriptor to the peer. Both then hold the same open file, so each can turn
/// off that it never blocks. `take` does not rely on that. `ring` has to: whoever made the bell could fill its
/// counter and hold up whoever rings. So **a sidecar never rings a bell that an executor made**; it wakes executors
/// by their futex, which cannot block. An executor may ring its sidecar's.
package final class Doorbell: Sendable {
  private let file: OwnedDescriptor

  package init() throws(SystemError) {
    file = OwnedDescriptor(owning: try SystemError.check(csm_event_create(), "make a ring's doorbell"))
  }

  /// The bell of a trusted peer.
  package init(adopting file: OwnedDescriptor) { self.file = file }

  /// For a peer, and for an `EventLoop`, where it is readable once it was rung.
  package var descriptor: Int32 { file.number }

  package func ring() { csm_event_signal(file.number) }

  /// Makes it silent again and answers whether it was rung. Never blocks.
  @discardableResult
  package func take() throws(SystemError) -> Bool {
    try SystemError.check(csm_event_take(file.number), "take a doorbell's signals") == 1
  }
}
