import Dataflow
import FoundationEssentials

/// A session as text for a terminal.
enum SessionText {
  static func render(_ session: SessionDescription) -> String {
    var parts = [Output.table(facts(session))]
    if !session.timeline.isEmpty { parts.append("Timeline:\n" + timeline(session)) }
    let unfired = session.waiting.filter { !$0.lacks.isEmpty }
    for (title, isNever) in [("Waiting:", false), ("Never fired:", true)] {
      let lines = unfired.filter { isOver($0, in: session) == isNever }.map { "  " + sentence($0, in: session) }
      if !lines.isEmpty { parts.append(([title] + lines).joined(separator: "\n")) }
    }
    let ignored = session.waiting.filter { !$0.ignored.isEmpty }
      .map { "  \(visible($0.trigger)) did not take \(list($0.ignored))" }
    if !ignored.isEmpty { parts.append("Came too late:\n" + ignored.joined(separator: "\n")) }
    return parts.joined(separator: "\n\n")
  }

  private static func facts(_ session: SessionDescription) -> [[String]] {
    var facts = [
      ["Session:", visible(session.session)],
      ["Workflow:", visible("\(session.namespace)/\(session.workflow)")],
      ["State:", visible(session.state + (session.message.isEmpty ? "" : ": \(session.message)"))],
      ["Pod:", session.pod.isEmpty ? "-" : visible(session.pod)], ["Started:", visible(session.startedAt)],
      ["Duration:", seconds(session.duration)],
      ["Plan:", session.planRevision.isEmpty ? "-" : visible(session.planRevision)],
      ["Invocations:", "\(session.invocations)"],
    ]
    if !session.outputs.isEmpty {
      facts.append(["Outputs:", list(session.outputs.map { $0.isEmpty ? "(default)" : $0 })])
    }
    if session.isRecorded {
      facts.append(["Recorded:", "yes; see pheromone recording"])
    }
    if !session.causes.isEmpty { facts.append(["Begun by:", "objects of the sessions \(list(session.causes))"]) }
    if !session.derived.isEmpty { facts.append(["Derived:", "objects went to the sessions \(list(session.derived))"]) }
    return facts
  }

  private static func timeline(_ session: SessionDescription) -> String {
    let head = ["  AT", "EVENT", "SUBJECT", "ON", "DETAIL"]
    let rows = session.timeline.map { entry in
      ["  +" + seconds(entry.at), visible(entry.event), visible(entry.subject), visible(entry.executor ?? "-")]
        + (entry.detail.isEmpty ? [] : [visible(entry.detail)])
    }
    let note =
      session.droppedEntries > 0
      ? "\n  (\(session.droppedEntries) entries from the middle are not kept)" : ""
    return Output.table([head] + rows) + note
  }

  /// What a trigger that has not fired waits for, and who could still put it:
  /// `merge waits for part-3 (map#3 is running on wordcount-7f9c, 1.2s)`.
  static func sentence(_ waiting: SessionDescription.Waiting, in session: SessionDescription) -> String {
    let isOver = isOver(waiting, in: session)
    let verb = isOver ? "never got" : "waits for"
    let producers = waiting.producers.map { visible($0) + runningTime($0, session) }
    let whence =
      producers.isEmpty ? (isOver ? "" : " (nothing that runs can supply it)") : " (\(shortened(producers)))"
    return "\(visible(waiting.trigger)): \(visible(waiting.target)) \(verb) \(list(waiting.lacks))\(whence)"
  }

  /// Whether the trigger will not fire any more. What gathers across sessions outlives them.
  private static func isOver(_ waiting: SessionDescription.Waiting, in session: SessionDescription) -> Bool {
    session.isOver && waiting.held == 0
  }

  /// How long the invocation that a producer's text begins with has been running.
  private static func runningTime(_ producer: String, _ session: SessionDescription) -> String {
    guard !session.isOver, producer.contains(" is running"), let name = producer.split(separator: " ").first,
      let start = session.timeline.last(where: { $0.event == "started" && $0.subject == name })
    else { return "" }
    return ", " + seconds(session.duration - start.at)
  }

  static func seconds(_ value: Double) -> String {
    DurationText.format(.nanoseconds(Int64(min(max(value, 0), 9e9) * 1e9)))
  }

  private static func list(_ items: [String]) -> String { shortened(items.map { $0.isEmpty ? "\"\"" : visible($0) }) }

  private static func shortened(_ items: [String], to limit: Int = 20) -> String {
    guard items.count > limit else { return items.joined(separator: ", ") }
    return items.prefix(limit).joined(separator: ", ") + " and \(items.count - limit) more"
  }

  /// Keys come from functions and requests: what could move a terminal's cursor or break a line is written out.
  static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isInvisible) else { return text }
    return text.unicodeScalars.reduce(into: "") { visible, scalar in
      switch scalar {
      case "\n": visible += "\\n"
      case "\r": visible += "\\r"
      case "\t": visible += "\\t"
      case _ where isInvisible(scalar): visible += "\\u{\(String(scalar.value, radix: 16))}"
      default: visible.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension SessionDescription {
  var isOver: Bool { state != "Running" && state != "Waiting" }
}
