import Dataflow
import HeapModule

/// Timers by purpose, each once. A timer that was cancelled or set anew stays in the heap until its time has come or until
/// most of the heap are such; so setting and cancelling are cheap, and memory follows the timers that are in use.
package struct TimerQueue: Sendable {
  private var heap = Heap<PodTimer>()
  private var orders = TimerOrders()
  private var lastOrder: UInt64 = 0

  package init() {}

  /// Timers that are in use.
  package var count: Int { orders.count }
  /// Timers that take up memory.
  package var storedCount: Int { heap.count }

  /// When `popDue` is worth a call, if ever.
  package var next: Duration? { heap.min?.deadline }

  /// Sets the timer, instead of an earlier one of the same purpose.
  package mutating func set(_ purpose: PodTimer.Purpose, at deadline: Duration) {
    lastOrder += 1
    orders[purpose] = lastOrder
    heap.insert(PodTimer(deadline: deadline, order: lastOrder, purpose: purpose))
    compact()
  }

  package mutating func cancel(_ purpose: PodTimer.Purpose) {
    orders[purpose] = nil
    compact()
  }

  /// Whether an invocation waits for its next attempt.
  package var hasRetries: Bool { orders.hasRetries }

  package func isSet(_ purpose: PodTimer.Purpose) -> Bool { orders[purpose] != nil }

  /// Takes the next timer whose time has come.
  package mutating func popDue(at now: Duration) -> PodTimer.Purpose? {
    while let timer = heap.min, timer.deadline <= now {
      heap.removeMin()
      guard orders[timer.purpose] == timer.order else { continue }
      orders[timer.purpose] = nil
      return timer.purpose
    }
    return nil
  }

  private mutating func compact() {
    guard heap.count > 2 * orders.count + 64 else { return }
    heap = Heap(heap.unordered.filter { [orders] in orders[$0.purpose] == $0.order })
  }
}
