import Foundation
import Testing

@testable import Measures

@Suite struct ReportTests {
  private let limits = Limits(spinning: 100, blocking: 40_000, copying: 5_000_000)

  private func report(_ figures: [Figure: Samples], stolen: Double = 0) -> Report {
    var report = Report(
      limits: limits, allocations: .init(handOver: 1, session: 2, invocation: 3), sidecarBytes: 20 << 20,
      stolenShare: stolen)
    report.add(figures)
    return report
  }

  @Test func onlyMediansDecide() throws {
    let allowed = try #require(Figure.chain.allowed)
    let within = Samples(Array(repeating: 100 * allowed, count: 98) + [1e9, 1e9])
    #expect(report([.chain: within]).excesses.isEmpty)
    #expect(report([.chain: Samples([101 * allowed])]).excesses.map(\.figure) == [.chain])
    // One without a threshold never counts.
    #expect(report([.session512: Samples([1e12])]).excesses.isEmpty)
  }

  @Test func everyFigureIsComparedWithItsOwnLimit() {
    let lines = report([
      .handOverAwake: Samples([300]), .handOverAsleep: Samples([80_000]), .produce: Samples([10_000_000]),
      .small: Samples([20_000]), .large: Samples([30_000]),
    ]).lines
    #expect(lines.map(\.figure) == [.handOverAwake, .handOverAsleep, .small, .large, .produce])
    #expect(lines.map(\.ratio) == [3, 2, 0.5, 1.5, 2])
  }

  @Test func stolenTimeMakesARunVoid() {
    #expect(!report([:], stolen: 0.02).isVoid)
    #expect(report([:], stolen: 0.021).isVoid)
    let start = StolenTime.Counters(text: "cpu  10 0 10 70 0 0 0 10 0 0\ncpu0 1 2 3\n")
    let end = StolenTime.Counters(text: "cpu  20 0 20 140 0 0 0 20 0 0\n")
    #expect(start.total == 100)
    #expect(end.stolenShare(since: start) == 0.1)
    #expect(start.stolenShare(since: start) == 0)
  }

  @Test func tableAndDocumentHaveAll() throws {
    var report = report([.chain: Samples([2000]), .session64: Samples([40_000])])
    report.objects = [ObjectLine(bytes: 100 << 20, mapping: .first, start: Samples([50_000]), read: Samples([16e6]))]
    report.loads = [LoadLine(load: 0.5, sessionsPerSecond: 20_000, sidecar: 0.4, executors: 0.3, wakeUpsPerSecond: 9)]
    report.held = [
      HeldObjects(
        name: "all stay", bytesEach: 64, count: 1000, ownMemory: 400_000, objectMemory: 256_000, objects: 2000)
    ]
    #expect(report.held[0].fragmentation == 0.5)
    for text in [
      "chain of 1000, per hop", "20.0 S", "100 MB, first mapping", "16.0 ms", "50.0 % load", "400 B", "25000",
    ] {
      #expect(report.table.contains(text))
    }
    let again = try JSONDecoder().decode(Report.self, from: Data(try report.json.utf8))
    #expect(again.lines.map(\.median) == [2000, 40_000])
    #expect(again.table == report.table)
  }

  @Test func aComparisonSaysWhatWasMeasuredAndWhatWasNot() throws {
    var comparison = Comparison(limits: limits, redisVersion: "7.0", stolenShare: 0)
    comparison.add(
      pheromone: [.chain: Samples([1000]), .fan: Samples([1])], redis: [.chain: Samples([30_000])])
    #expect(comparison.lines.map(\.ratio) == [30])
    #expect(comparison.table.contains("measured in this run"))
    #expect(comparison.table.contains("recorded, not measured here"))
    #expect(try comparison.json.contains("Ray Compiled Graph"))
  }

  @Test func columnsStandUnderEachOther() {
    #expect(TextTable([["a", "1", ""], ["bcd", "22"]]).text == "a     1\nbcd  22")
    #expect(TextTable.number(99.96) == "100.0")
    #expect(TextTable.number(123.4) == "123")
    #expect(TextTable.time(1234) == "1.23 µs")
    #expect(TextTable.time(2_000_000) == "2.0 ms")
  }

  @Test func samples() {
    let samples = Samples((1...200).map(Double.init))
    #expect(samples.median == 101)
    #expect(samples.p99 == 199)
    #expect(Samples().median == 0)
  }

  @Test func sessionsBeginWhenTheyAreDue() {
    var pace = Pace(start: 1000, rate: 1_000_000, duration: 0.000_003)
    #expect(pace.count == 3)
    #expect(pace.take(at: 999).isEmpty)
    #expect(pace.take(at: 1000) == 0..<1)
    #expect(pace.next == 2000)
    #expect(pace.take(at: 9000) == 1..<3)
    #expect(pace.next == nil)
    #expect(pace.due(2) == 3000)
  }
}
