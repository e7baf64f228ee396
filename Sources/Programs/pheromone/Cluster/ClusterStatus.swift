import ArgumentParser
import FoundationEssentials

struct ClusterStatus: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show what runs in the local cluster.",
    discussion: "Exit codes: 0 all ready, 1 something is not ready, 3 no cluster runs in the folder.")

  enum Format: String, ExpressibleByArgument, CaseIterable { case table, json }

  @OptionGroup var cluster: ClusterOptions

  @Option(name: [.short, .long], help: "How to print it.")
  var output = Format.table

  private struct Document: Encodable {
    var isRunning: Bool
    var directory: String
    var cluster: ClusterRecord?
    var checks: [ClusterHealth.Check]
  }

  func run() async throws {
    let files = cluster.files
    let record = ClusterRecord(at: files.record).flatMap { $0.isRunning ? $0 : nil }
    var checks: [ClusterHealth.Check] = []
    if let record { checks = await ClusterHealth(record: record).checks() }
    switch output {
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let document = Document(
        isRunning: record != nil, directory: files.directory, cluster: record, checks: checks)
      say(String(decoding: try encoder.encode(document), as: UTF8.self))
    case .table where record == nil:
      say("No cluster runs in \(files.directory). Start one with: pheromone cluster start")
    case .table:
      printTable(checks)
    }
    guard record != nil else { throw ExitCode(3) }
    guard checks.allSatisfy(\.isReady) else { throw ExitCode(1) }
  }

  private func printTable(_ checks: [ClusterHealth.Check]) {
    var rows = [["COMPONENT", "STATE", "PID", "RESTARTS", "ADDRESS"]]
    for check in checks {
      rows.append([
        check.name, check.isReady ? "ready" : "not ready: \(check.detail)", check.pid.map { String($0) } ?? "-",
        check.restarts.map { String($0) } ?? "-", check.address ?? "-",
      ])
    }
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      var line = cells.joined(separator: "   ")
      while line.last == " " { line.removeLast() }
      say(line)
    }
  }
}
