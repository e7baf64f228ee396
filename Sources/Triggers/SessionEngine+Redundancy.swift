/// What a redundant trigger that has fired makes superfluous is cancelled, queued or running.
extension SessionEngine {
  func isSuperfluous(_ function: Int) -> Bool { !superfluous.isEmpty && superfluous[function] }

  mutating func spareSuperfluous() {
    let fired = triggers.map { $0.firedCount > 0 }
    superfluous = compiled.redundancy.superfluous { fired[$0] }
    for (number, invocation) in liveInvocations where isSuperfluous(Int(invocation.name.function)) {
      log.record(.spared(invocation.name), at: now)
      withdrawAttempts(of: number, invocation)
      retire(number, invocation)
    }
  }
}
