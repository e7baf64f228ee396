import ArgumentParser
import Foundation
import PheromoneFunctions

@main
struct PodBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pheromone-bench",
    abstract: "Measures a pod's data plane on a real sidecar and real function processes.",
    discussion: """
      Everything is compared with what the machine can do at best, measured in the same run: S, a round trip between two
      processes that spin; B, the same when both sleep; C, a copy of 100 MB between warm pages. The driver itself never
      spins. Times are medians of all rounds.
      """)

  @Option(help: "How often each figure is taken.")
  var rounds = 5

  @Option(name: .shortAndLong, help: "table or json.")
  var output = "table"

  @Flag(help: "Fail when a ratio is above what is allowed, three times in a row.")
  var check = false

  @Flag(help: "Take only what the decisions cost by themselves, without sidecar and processes.")
  var core = false

  /// The functions' processes are this same program.
  static func main() {
    if Environment.isFunctionHost { BenchHost.main() }
    Self.main(nil)
  }

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds has to be above zero") }
    guard ["table", "json"].contains(output) else { throw ValidationError("--output is table or json") }
  }

  func run() throws {
    if core {
      for (name, cost) in [("hand-over", CoreFigures.handOver()), ("session of two steps", CoreFigures.session())] {
        print("\(name): \(Int(cost.nanoseconds.median)) ns, \(Report.number(cost.allocations)) allocations")
      }
      return
    }
    for attempt in 1...3 {
      var scenarios = Scenarios(rounds: rounds)
      let report = try scenarios.run()
      print(output == "json" ? try report.json : report.table)
      guard check, !report.excesses.isEmpty else { return }
      if report.isVoid {
        let share = Report.number(report.stolenShare * 100)
        Self.note("\(share) % of the time was stolen by other machines: this run says nothing")
      } else {
        for line in report.excesses {
          let allowed = Report.number(line.allowed ?? 0)
          Self.note(
            "\(line.figure.rawValue) takes \(Report.number(line.ratio)) \(line.limit.rawValue), \(allowed) are allowed")
        }
      }
      if attempt < 3 { Self.note("measuring once more") } else if !report.isVoid { throw ExitCode(1) }
    }
  }

  private static func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}
