/// The attempts of one invocation that are queued or run, in the order of their beginning. Nearly always one, which takes no
/// memory of its own; more only when a trigger's `recovery` asked for them.
struct LiveAttempts: Sendable, RandomAccessCollection {
  struct LiveAttempt: Sendable {
    var number: Int
    var isRunning = false
  }

  private var first: LiveAttempt?
  private var others: [LiveAttempt] = []

  init() {}

  var startIndex: Int { 0 }
  var endIndex: Int { first == nil ? 0 : 1 + others.count }

  subscript(index: Int) -> LiveAttempt {
    // swift-format-ignore: NeverForceUnwrap
    get { index == 0 ? first! : others[index - 1] }
    set { if index == 0 { first = newValue } else { others[index - 1] = newValue } }
  }

  mutating func append(_ attempt: LiveAttempt) {
    if first == nil { first = attempt } else { others.append(attempt) }
  }

  mutating func remove(at index: Int) {
    if index > 0 {
      others.remove(at: index - 1)
    } else {
      first = others.isEmpty ? nil : others.removeFirst()
    }
  }
}
