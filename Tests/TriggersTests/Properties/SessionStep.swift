/// Something that happens to a session. What exactly, follows from the choice and from what there is to choose from, so that
/// a step means something whatever the steps before it were.
struct SessionStep: CustomStringConvertible {
  enum Kind: CaseIterable {
    case start, commit, publish, fail, giveBack, retryDue, recoveryDue, lateReport, cancel, timeOut

    /// How often it happens, of a thousand.
    fileprivate var weight: Int {
      switch self {
      case .start: 330
      case .commit: 300
      case .publish: 130
      case .fail: 70
      case .giveBack: 20
      case .retryDue: 70
      case .recoveryDue: 50
      case .lateReport: 26
      case .cancel: 2
      case .timeOut: 2
      }
    }
  }

  var kind: Kind
  var choice: UInt64

  var description: String { "\(kind) \(choice)" }

  static func random(_ random: inout SeededGenerator) -> SessionStep {
    var place = random.below(1000)
    for kind in Kind.allCases {
      if place < kind.weight { return SessionStep(kind: kind, choice: random.next() % 10_000) }
      place -= kind.weight
    }
    return SessionStep(kind: .start, choice: 0)
  }
}
