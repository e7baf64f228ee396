import ArgumentParser
import Foundation
import Simulation

/// Plays simulated pods, seed after seed, and stops at the first that breaks an invariant.
@main
struct Simulate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hack/simulate",
    abstract: "Plays simulated pods among faults, one run a seed, and checks what has to hold after every step.",
    discussion: "The first run that breaks an invariant is shortened, and the command is shown that replays it.")

  @Option(help: "How many seeds to run.") var seeds: UInt64 = 1000
  @Option(help: "The first of them.") var first: UInt64 = 0
  @Option(help: "Runs only this seed.") var seed: UInt64?
  @Option(help: "Replays the choices that a shortened run was saved with.") var tape: String?
  @Option(help: "Where a shortened run is saved.") var save = "simulate.tape"
  @Flag(help: "Prints each thing that happens.") var trace = false
  @Flag(help: "Prints each run's seed and a digest of all that happened in it.") var digests = false
  @Flag(help: "Prints what the runs saw, such as how often workers died.") var counts = false

  func run() throws {
    if let tape {
      guard let recorded = Tape(text: try String(contentsOfFile: tape, encoding: .utf8)) else {
        throw ValidationError("\(tape) is no tape; hack/simulate writes one when a run fails")
      }
      return try report(play(recorded), seed: nil)
    }
    if let seed { return try report(play(Tape(seed: seed)), seed: seed) }
    try runAll()
  }

  private func play(_ tape: Tape) -> Simulation {
    let narrator: (@Sendable (String) -> Void)? = trace ? { @Sendable text in print(text) } : nil
    var run = Simulation(tape, narrator: narrator)
    run.play()
    return run
  }

  private func runAll() throws {
    var steps = 0
    var seen: [String: Int] = [:]
    let clock = ContinuousClock()
    let start = clock.now
    var lastNews = start
    for number in first..<first + seeds {
      var run = play(Tape(seed: number))
      steps += run.steps
      if digests { print(number, run.trace.digest) }
      seen.merge(run.counts, uniquingKeysWith: +)
      // Now and then a second time: it has to go the same way.
      if run.failure == nil, number % 16 == 0 { run.compareTrace(with: play(Tape(seed: number))) }
      if run.failure != nil { return try report(run, seed: number) }
      if clock.now - lastNews > .seconds(5) {
        lastNews = clock.now
        news(number - first + 1, steps, clock.now - start)
      }
    }
    news(seeds, steps, clock.now - start)
    if counts { show(seen) }
  }

  private func news(_ done: UInt64, _ steps: Int, _ time: Duration) {
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    print("\(done) of \(seeds) seeds, \(steps) steps, \(Int(Double(steps) / max(seconds, 0.001))) steps a second")
  }

  private func show(_ seen: [String: Int]) {
    for (event, count) in seen.sorted(by: { $0.key < $1.key }) { print("\(count)\t\(event)") }
  }

  private func report(_ run: Simulation, seed: UInt64?) throws {
    guard let failure = run.failure else {
      if counts { show(run.counts) }
      return print("OK after \(run.steps) steps; trace \(run.trace.digest)")
    }
    print("FAILED\(seed.map { " with seed \($0)" } ?? ""): \(failure)")
    guard let seed else { throw ExitCode.failure }
    print("replay it with: hack/simulate --seed \(seed) --trace")
    guard failure.invariant != .sameTrace else { throw ExitCode.failure }
    var shrinker = Shrinker(run.recording, failure: failure)
    shrinker.shrink()
    try shrinker.tape.text.write(toFile: save, atomically: true, encoding: .utf8)
    print("\(shrinker.tape.chunks.count - 1) steps are enough: \(shrinker.failure)")
    print("replay those with: hack/simulate --tape \(save) --trace")
    throw ExitCode.failure
  }
}
