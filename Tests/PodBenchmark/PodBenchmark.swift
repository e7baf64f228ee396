import ArgumentParser
import Foundation
import Measures
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

  @Flag(help: "Print the measurements as JSON.")
  var json = false

  @Flag(
    help: """
      Take only what has a threshold or takes no time, and fail when the median of one figure is above what is allowed in \
      three runs, one after the other. A run with more than 2 % stolen time does not count.
      """)
  var check = false

  @Flag(help: "Compare with Redis (Debian: redis-server), which runs the same patterns in turn; cite others.")
  var peers = false

  @Flag(help: "Also take fan-outs of 4000 and objects of 1 GB, which need some gigabytes of memory.")
  var large = false

  @Option(help: ArgumentHelp("Also measure HTTP, on a local cluster in this folder.", valueName: "folder"))
  var cluster: String?

  @Flag(help: "Take only what the decisions cost by themselves, without sidecar and processes.")
  var core = false

  /// The processes that it measures are this same program.
  static func main() {
    do {
      try Environment.becomeProgram()
      if let server = Environment.text(RedisWorker.server) { try RedisWorker.run(server) }
    } catch {
      exit(withError: error)
    }
    if Environment.isFunctionHost { BenchHost.main() }
    Self.main(nil)
  }

  func validate() throws {
    guard rounds > 0 else { throw ValidationError("--rounds has to be above zero") }
    guard [check, peers, large || cluster != nil].filter({ $0 }).count <= 1 else {
      throw ValidationError("--check, --peers and what more there is to measure do not go together")
    }
  }

  func run() throws {
    if core {
      for (name, cost) in [("hand-over", CoreFigures.handOver()), ("session of two steps", CoreFigures.session())] {
        print("\(name): \(Int(cost.nanoseconds.median)) ns, \(TextTable.number(cost.allocations)) allocations")
      }
      return
    }
    if check { return try checkThresholds() }
    if peers {
      var scenarios = PeerScenarios(rounds: rounds)
      let comparison = try scenarios.run()
      print(json ? try comparison.json : comparison.table)
    } else {
      var scenarios = Scenarios(.init(rounds: rounds, isLarge: large, cluster: cluster))
      let report = try scenarios.run()
      print(json ? try report.json : report.table)
    }
  }

  private func checkThresholds() throws {
    var verdict = Verdict()
    while true {
      var scenarios = Scenarios(.init(rounds: rounds, isFull: false))
      let report = try scenarios.run()
      print(json ? try report.json : report.table)
      for line in report.excesses {
        let (ratio, allowed) = (TextTable.number(line.ratio), TextTable.number(line.allowed ?? 0))
        Self.note("\(line.figure.rawValue) takes \(ratio) \(line.limit.rawValue), \(allowed) are allowed")
      }
      if report.isVoid {
        Self.note("\(TextTable.share(report.stolenShare)) of the time was stolen by other machines: the run is void")
      }
      switch verdict.ran(exceeding: report.excesses.map(\.figure), isVoid: report.isVoid) {
      case .met: return
      case .again: Self.note("measuring once more")
      case .undecided: return Self.note("there was no quiet run, so nothing is checked")
      case .missed(let figures):
        Self.note("missed \(Verdict.misses) times in a row: \(figures.map(\.rawValue).joined(separator: "; "))")
        throw ExitCode(1)
      }
    }
  }

  private static func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}
