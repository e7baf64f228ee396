import Foundation

/// `hack/bench engine`: what an event costs the engine, from 10 objects that are held to 100,000, and what a pod holds of a
/// session of a million steps.
@main
struct EngineBenchmark {
  static let sizes = [10, 100, 1000, 10_000, 100_000]
  /// How many more allocations an event may cost with 100,000 objects than with 10.
  static let allowedGrowth = 1.1
  /// How many times as long an event may take with 100,000 objects as with 10, both measured in one run. What no longer fits
  /// a processor's caches makes for a small factor; a cost that follows what is held would make for thousands.
  static let allowedSlowdown = 5.0
  /// How often the two are measured before a slowdown counts: others use the machine too.
  static let tries = 3

  static func main() throws {
    let isJSON = CommandLine.arguments.dropFirst().elementsEqual(["--json"])
    var measurements: [Measurement] = []
    var excesses: [String] = []
    if !isJSON { print(row(["primitive"] + sizes.map { "\($0)" } + ["100000:10", "allocations", "allowed"])) }
    for scenario in Scenario.all {
      let own = sizes.map { Measurement(scenario, held: $0) }
      measurements += own
      let slowdown = slowdown(of: scenario, own)
      excesses += Self.excesses(of: scenario, own, slowdown)
      if !isJSON { print(row(of: scenario, own, slowdown)) }
    }
    let chain = LongChain.run()
    excesses += chain.excesses
    if isJSON {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      print(String(decoding: try encoder.encode(measurements), as: UTF8.self))
    } else {
      print(chain.summary)
    }
    for excess in excesses { FileHandle.standardError.write(Data("error: \(excess)\n".utf8)) }
    exit(excesses.isEmpty ? 0 : 1)
  }

  private static func slowdown(of scenario: Scenario, _ own: [Measurement]) -> Double {
    var slowdown = own[own.count - 1].nanosecondsPerEvent / own[0].nanosecondsPerEvent
    for _ in 1..<tries where slowdown > allowedSlowdown {
      let (few, many) = (Measurement(scenario, held: sizes[0]), Measurement(scenario, held: sizes[sizes.count - 1]))
      slowdown = min(slowdown, many.nanosecondsPerEvent / few.nanosecondsPerEvent)
    }
    return slowdown
  }

  private static func excesses(of scenario: Scenario, _ own: [Measurement], _ slowdown: Double) -> [String] {
    var excesses: [String] = []
    let (first, last) = (own[0].allocationsPerEvent, own[own.count - 1].allocationsPerEvent)
    let most = most(own)
    if most > scenario.allowedAllocations {
      excesses.append("\(scenario.name): \(text(most)) allocations per event, \(scenario.allowedAllocations) allowed")
    }
    // Half an allocation is what measuring few events of a small session may be off.
    if last > first * allowedGrowth + 0.5 {
      excesses.append("\(scenario.name): allocations per event grow from \(text(first)) to \(text(last))")
    }
    if slowdown > allowedSlowdown {
      excesses.append(
        "\(scenario.name): an event takes \(text(slowdown)) times as long with 100,000 objects as with 10, "
          + "\(text(allowedSlowdown)) allowed")
    }
    return excesses
  }

  private static func most(_ own: [Measurement]) -> Double { own.map(\.allocationsPerEvent).max() ?? 0 }

  private static func row(of scenario: Scenario, _ own: [Measurement], _ slowdown: Double) -> String {
    row(
      [scenario.name] + own.map { "\(text($0.nanosecondsPerEvent)) ns" }
        + [text(slowdown), text(most(own)), text(scenario.allowedAllocations)])
  }

  private static func text(_ value: Double) -> String {
    value < 100 ? "\((value * 10).rounded() / 10)" : "\(Int(value))"
  }

  private static func row(_ cells: [String]) -> String {
    cells.enumerated().map { index, cell in
      let padding = String(repeating: " ", count: max(0, (index == 0 ? 22 : 11) - cell.count))
      return index == 0 ? cell + padding : padding + cell
    }.joined()
  }
}
