import CSharedMemory

/// Ends the sleep of a thread of this process that waits for a ring's frames.
///
/// A sleeper that has not reached the kernel yet is not woken. So whoever interrupts first makes true what the wait's
/// `isInterrupted` answers, and then wakes until the sleeper has said that it does not wait any more.
package struct RingInterrupter: Sendable {
  let peer: RingWords

  package func wake() {
    // The peer's memory is mapped as long as `peer` lives; to wake, a mapping for reading is enough.
    _ = unsafe csm_futex_wake(peer.address(RingLayout.writeIndex))
  }
}
