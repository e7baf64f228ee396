/// How a reconciliation ended.
package enum ReconcileResult: Sendable {
  /// As it should be; the next change will bring it back.
  case done
  /// To be looked at again after a while even if nothing changes.
  case requeue(after: Duration)
  /// To be tried again, ever later. With `TerminalError` only a change brings it back.
  case failed(any Error)
}

/// Trying again will not help; a person has to change something.
package struct TerminalError: Error, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
