import Foundation

/// `hack/bench engine`: what an event costs the engine, from 10 objects that are held to 100,000.
@main
struct EngineBenchmark {
  static let sizes = [10, 100, 1000, 10_000, 100_000]
  /// How many more allocations an event may cost with 100,000 objects than with 10.
  static let allowedGrowth = 1.1

  static func main() throws {
    let isJSON = CommandLine.arguments.dropFirst().elementsEqual(["-o", "json"])
    var measurements: [Measurement] = []
    var excesses: [String] = []
    if !isJSON { print(row(["primitive"] + sizes.map { "\($0)" } + ["100000:10", "allocations", "allowed"])) }
    for scenario in Scenario.all {
      let own = sizes.map { Measurement(scenario, held: $0) }
      measurements += own
      let (first, last) = (own[0], own[own.count - 1])
      let most = own.map(\.allocationsPerEvent).max() ?? 0
      if most > scenario.allowedAllocations {
        excesses.append("\(scenario.name): \(text(most)) allocations per event, \(scenario.allowedAllocations) allowed")
      }
      // Half an allocation is what measuring few events of a small session may be off.
      if last.allocationsPerEvent > first.allocationsPerEvent * allowedGrowth + 0.5 {
        excesses.append("\(scenario.name): allocations grow from \(first) to \(last)")
      }
      if !isJSON {
        print(
          row(
            [scenario.name] + own.map { "\(text($0.nanosecondsPerEvent)) ns" }
              + [
                text(last.nanosecondsPerEvent / first.nanosecondsPerEvent), text(most),
                text(scenario.allowedAllocations),
              ]))
      }
    }
    if isJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(measurements), as: UTF8.self))
    }
    for excess in excesses { FileHandle.standardError.write(Data("error: \(excess)\n".utf8)) }
    exit(excesses.isEmpty ? 0 : 1)
  }

  private static func text(_ value: Double) -> String {
    value < 100 ? "\((value * 10).rounded() / 10)" : "\(Int(value))"
  }

  private static func row(_ cells: [String]) -> String {
    cells.enumerated().map { index, cell in
      let padding = String(repeating: " ", count: max(0, (index == 0 ? 20 : 11) - cell.count))
      return index == 0 ? cell + padding : padding + cell
    }.joined()
  }
}
