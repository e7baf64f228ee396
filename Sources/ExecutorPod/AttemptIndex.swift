import Dataflow

/// The keys of a session's attempts by their names: an invocation's number, and the attempt's.
package struct AttemptIndex: Sendable {
  private var keys = NumberTable<AttemptTable.Key>()

  package var count: Int { keys.count }
  package var isEmpty: Bool { keys.isEmpty }

  package subscript(name: PodSession.AttemptName) -> AttemptTable.Key? {
    get { keys[name.number] }
    set { keys[name.number] = newValue }
  }

  mutating func removeValue(forKey name: PodSession.AttemptName) -> AttemptTable.Key? {
    keys.removeValue(for: name.number)
  }
}

extension PodSession.AttemptName {
  /// An invocation has far fewer attempts, and a session far fewer invocations, than would make two names one number.
  fileprivate var number: UInt64 { UInt64(bitPattern: Int64(invocation)) &<< 24 | UInt64(attempt & 0xff_ffff) }
}
