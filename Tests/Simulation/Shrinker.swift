/// Makes a run that fails shorter: it leaves out steps as long as the same invariant is still broken.
package struct Shrinker {
  /// Runs that are tried at most.
  package static let tryLimit = 400

  package private(set) var tape: Tape
  package private(set) var failure: Failure
  private let sabotage: Sabotage?
  private var tries = 0

  package init(_ tape: Tape, failure: Failure, sabotage: Sabotage? = nil) {
    self.tape = tape
    self.failure = failure
    self.sabotage = sabotage
  }

  package mutating func shrink() {
    // What comes after the failure has no part in it.
    _ = tryOut(Array(tape.chunks.prefix(failure.step + 1)))
    var size = max(1, (tape.chunks.count - 1) / 2)
    while size >= 1, tries < Self.tryLimit {
      var start = tape.chunks.count - size
      var hasShrunk = false
      while start >= 1, tries < Self.tryLimit {
        var chunks = tape.chunks
        chunks.removeSubrange(start..<min(start + size, chunks.count))
        if tryOut(chunks) { hasShrunk = true }
        start = min(start, tape.chunks.count) - size
      }
      if size == 1, !hasShrunk { return }
      size = size == 1 ? 1 : size / 2
    }
  }

  private mutating func tryOut(_ chunks: [[UInt32]]) -> Bool {
    tries += 1
    var run = Simulation(Tape(replaying: chunks), sabotage: sabotage)
    run.play()
    guard let found = run.failure, found.invariant == failure.invariant else { return false }
    tape = Tape(replaying: chunks)
    failure = found
    return true
  }
}
