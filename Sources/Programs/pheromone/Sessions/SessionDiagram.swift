import Dataflow

/// A session as a Mermaid sequence diagram: who put what where, and which trigger ran what on it.
///
/// Functions and buckets are the participants. What an invocation does between its start and its end is left to the
/// text, so that the picture shows how the data went. GitHub draws no diagram that is larger than a bound, so what is
/// alike is drawn once and the middle of a long session is left out.
enum SessionDiagram {
  /// Mermaid refuses diagrams of more than 50,000 characters.
  static let sizeLimit = 45_000
  private static let stepLimits = [200, 100, 50, 20]
  private static let waitingLimit = 10

  static func render(_ session: SessionDescription) -> String {
    let steps = DiagramStep.merged(session.timeline.compactMap(DiagramStep.init))
    var text = ""
    for limit in stepLimits {
      text = render(session, steps, limit: limit)
      if text.utf8.count <= sizeLimit { break }
    }
    return text
  }

  private static func render(_ session: SessionDescription, _ steps: [DiagramStep], limit: Int) -> String {
    let dropped = max(steps.count - limit, 0)
    var participants = Participants()
    let caller = participants.id(of: .caller)
    var lines: [String] = []
    let shown = dropped > 0 ? steps.prefix(limit - limit / 2) + steps.suffix(limit / 2) : steps[...]
    for (index, step) in shown.enumerated() {
      if dropped > 0, index == limit - limit / 2 {
        lines.append("  Note over \(caller): \(escape("\(dropped) steps in the middle are not drawn"))")
      }
      let text = escape("+\(SessionText.seconds(step.at)) \(step.text)")
      let from = participants.id(of: step.from)
      if let to = step.to.map({ participants.id(of: $0) }) {
        lines.append("  \(from)\(step.to == .caller ? "-->>" : "->>")\(to): \(text)")
      } else {
        lines.append("  Note over \(from): \(text)")
      }
    }
    let waiting = session.waiting.filter { !$0.lacks.isEmpty }
    for trigger in waiting.prefix(waitingLimit) {
      let target = participants.id(of: .function(trigger.target))
      lines.append("  Note over \(target): \(escape(SessionText.sentence(trigger, in: session), limit: 300))")
    }
    if waiting.count > waitingLimit {
      lines.append("  Note over \(caller): \(escape("\(waiting.count - waitingLimit) more triggers have not fired"))")
    }
    let end = escape("\(session.state) after \(SessionText.seconds(session.duration))")
    lines.append("  Note over \(caller): \(end)")
    let title = "  title \(escape("\(session.workflow) \(session.session)"))"
    return (["sequenceDiagram", title] + participants.lines + lines).joined(separator: "\n")
  }

  /// In the order in which they appear, under names of our own, so that theirs need not be words of the language.
  private struct Participants {
    private var ids: [DiagramStep.Participant: String] = [:]
    private(set) var lines: [String] = []

    mutating func id(of participant: DiagramStep.Participant) -> String {
      if let id = ids[participant] { return id }
      let id = "p\(ids.count)"
      ids[participant] = id
      let line =
        switch participant {
        case .caller: "  actor \(id) as caller"
        case .function(let name): "  participant \(id) as \(escape(name, limit: 63))"
        case .bucket(let name): "  participant \(id) as \(escape(name, limit: 63)) (bucket)"
        }
      lines.append(line)
      return id
    }
  }

  /// Names and keys may hold what means something to Mermaid, or to the page that shows the diagram: everything but
  /// letters, digits and harmless marks is written as the number of the character.
  static func escape(_ text: String, limit: Int = 100) -> String {
    let shown = text.count > limit ? text.prefix(limit - 1) + "…" : text[...]
    let harmless = " +-_.,()/…µ".unicodeScalars
    let escaped = SessionText.visible(String(shown)).unicodeScalars.reduce(into: "") { escaped, scalar in
      let isHarmless =
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || harmless.contains(scalar)
      escaped += isHarmless ? String(scalar) : "#\(scalar.value);"
    }
    return escaped.allSatisfy { $0 == " " } ? "(none)" : escaped
  }
}
