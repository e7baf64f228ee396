import Triggers

/// What came of a replay, for a terminal.
enum ReplayText {
  static func render(_ report: ReplayReport) -> String {
    let cut = report.isTruncated ? "\nThe recording reached its bound: what came later is not in it." : ""
    guard let disagreement = report.disagreement else {
      let count = report.events == 1 ? "1 event" : "\(report.events) events"
      return "agrees: \(count), each decided as it was then; \(report.outcome) at the end\(cut)"
    }
    return """
      disagrees at event \(disagreement.step + 1) of \(report.events): \(SessionText.visible(disagreement.event))
        decided then:
      \(list(disagreement.expected))
        decided now:
      \(list(disagreement.actual))\(cut)
      """
  }

  private static func list(_ actions: [String]) -> String {
    guard !actions.isEmpty else { return "    nothing" }
    return actions.map { "    " + SessionText.visible($0) }.joined(separator: "\n")
  }
}
