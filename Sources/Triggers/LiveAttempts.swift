/// The attempts of one invocation that are queued or run, in the order of their beginning. Nearly always one, which takes no
/// memory of its own; more only when a trigger's `recovery` asked for them.
struct LiveAttempts: Sendable, RandomAccessCollection {
  struct LiveAttempt: Sendable {
    var number: Int
    var isRunning = false
  }

  private var first = LiveAttempt(number: 0)
  private(set) var isEmpty = true
  private var others: [LiveAttempt] = []

  init() {}

  var startIndex: Int { 0 }
  var endIndex: Int { isEmpty ? 0 : 1 + others.count }

  subscript(index: Int) -> LiveAttempt {
    get { index == 0 ? first : others[index - 1] }
    set { if index == 0 { first = newValue } else { others[index - 1] = newValue } }
  }

  mutating func append(_ attempt: LiveAttempt) {
    if isEmpty { (first, isEmpty) = (attempt, false) } else { others.append(attempt) }
  }

  mutating func remove(at index: Int) {
    if index > 0 {
      others.remove(at: index - 1)
    } else if others.isEmpty {
      isEmpty = true
    } else {
      first = others.removeFirst()
    }
  }
}
