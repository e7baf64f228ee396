import Simulation
import Testing

@Suite("Simulated pods")
struct SimulationTests {
  @Test("Whatever happens, all that has to hold holds after every step", arguments: 0..<8 as Range<UInt64>)
  func seeds(part: UInt64) {
    for seed in part * 50..<(part + 1) * 50 {
      var run = Simulation(Tape(seed: seed))
      run.play()
      #expect(run.failure == nil, "hack/simulate --seed \(seed) --trace")
    }
  }
}
