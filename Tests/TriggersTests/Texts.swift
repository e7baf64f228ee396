import Dataflow

@testable import Triggers

/// The texts that a value holds and that begin in one way, wherever they are in it. The plan, which sessions share, is not
/// looked into.
struct Texts {
  private let beginning: String
  private(set) var count = 0

  init(_ beginning: String, in value: Any) {
    self.beginning = beginning
    look(into: value)
  }

  private mutating func look(into value: Any) {
    if let text = value as? String ?? (value as? Label)?.text {
      if text.hasPrefix(beginning) { count += 1 }
      return
    }
    if value is CompiledPlan { return }
    for child in Mirror(reflecting: value).children { look(into: child.value) }
  }
}
