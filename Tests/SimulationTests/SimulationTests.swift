import Foundation
import Simulation
import Testing

/// A fixed budget; `hack/simulate` runs more.
@Suite("Simulated pods")
struct SimulationTests {
  @Test("Whatever happens, all that has to hold holds after every step", arguments: 0..<8 as Range<UInt64>)
  func seeds(part: UInt64) {
    for seed in part * 25..<(part + 1) * 25 {
      var run = Simulation(Tape(seed: seed))
      run.play()
      if run.failure == nil, seed % 5 == 0 {
        var again = Simulation(Tape(seed: seed))
        again.play()
        run.compareTrace(with: again)
      }
      #expect(run.failure == nil, "hack/simulate --seed \(seed) --trace")
    }
  }

  @Test("A worker that goes on by itself changes nothing of what is told of any session")
  func inlineTwins() {
    var hops = 0
    for seed: UInt64 in 0..<1000 {
      var inline = InlineTwin(seed: seed, continues: true)
      var plain = InlineTwin(seed: seed, continues: false)
      let (one, other) = (inline.play(), plain.play())
      #expect(plain.hops == 0)
      if inline.hasRivals { continue }
      hops += inline.hops
      let difference = zip(one, other).first { $0 != $1 }
      #expect(
        difference == nil && one.count == other.count, "seed \(seed): \(difference.map { "\($0) | \($1)" } ?? "")")
    }
    #expect(hops > 150)
  }

  /// Sets and dictionaries have another order in each process, which must not show.
  @Test("The same seeds go the same way in another process")
  func otherProcess() throws {
    let folder = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let process = Process()
    let pipe = Pipe()
    process.executableURL = folder.appending(path: "simulate")
    process.arguments = ["--seeds", "30", "--digests"]
    process.environment = ProcessInfo.processInfo.environment.filter { $0.key != "SWIFT_DETERMINISTIC_HASHING" }
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let digests = (0..<30 as Range<UInt64>).map { seed in
      var run = Simulation(Tape(seed: seed))
      run.play()
      return "\(seed) \(run.trace.digest)"
    }
    let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(lines.filter { !$0.contains("seeds") } == digests)
  }

  @Test("The runs see what can go wrong")
  func coverage() {
    var seen: Set<String> = []
    for seed: UInt64 in 0..<100 {
      var run = Simulation(Tape(seed: seed))
      run.play()
      seen.formUnion(run.counts.keys)
    }
    let wanted: Set = [
      "succeeded", "failed", "stalled", "timedOut", "cancelled", "derived session", "dead letter", "death", "hang",
      "lie",
      "denied", "link break", "plan change", "duplicate start", "duplicate plan",
      "duplicate cancel", "duplicate drain", "sent again", "streamed", "objection", "failure", "inline taken over",
      "gaps",
    ]
    #expect(wanted.subtracting(seen) == [])
  }
}
