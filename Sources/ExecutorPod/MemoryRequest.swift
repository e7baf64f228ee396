/// Room that an executor has asked for.
package struct MemoryRequest: Sendable, Hashable {
  /// How large the object is.
  package var bytes: Int
  /// Which of its attempts asks, as the executor says; the answer names it.
  package var invocation: UInt64
}
