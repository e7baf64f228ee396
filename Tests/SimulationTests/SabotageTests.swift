import Simulation
import Testing

@Suite("Simulated pods that are broken on purpose")
struct SabotageTests {
  @Test("The invariants notice each way of breaking a pod", arguments: Sabotage.allCases)
  func sabotage(_ sabotage: Sabotage) throws {
    var found: Failure?
    for seed: UInt64 in 0..<200 where found == nil {
      var run = Simulation(Tape(seed: seed), sabotage: sabotage)
      run.play()
      found = run.failure
    }
    let failure = try #require(found, "nothing notices that \(sabotage.rawValue)")
    #expect(sabotage.noticedBy.contains(failure.invariant), "\(sabotage.rawValue): \(failure)")
  }

  @Test("A run that fails gets shorter, and what is left of it fails again in the same way")
  func shrinking() throws {
    var run = Simulation(Tape(seed: 1), sabotage: .loseAttempt)
    run.play()
    let failure = try #require(run.failure)
    var shrinker = Shrinker(run.recording, failure: failure, sabotage: .loseAttempt)
    shrinker.shrink()
    #expect(shrinker.tape.chunks.count < run.recording.chunks.count)
    var again = Simulation(try #require(Tape(text: shrinker.tape.text)), sabotage: .loseAttempt)
    again.play()
    #expect(again.failure == shrinker.failure)
  }
}
