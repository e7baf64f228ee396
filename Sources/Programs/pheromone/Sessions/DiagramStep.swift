import Dataflow

/// One arrow or note of a session's diagram.
struct DiagramStep {
  enum Participant: Hashable {
    case caller
    case function(String)
    case bucket(String)
  }

  /// Steps in a row that are alike but for their names are drawn as one.
  private enum Content: Hashable {
    case objects
    case calls
    case firings(of: String)
    case single(String)
  }

  private static let namesLimit = 3

  let at: Double
  let from: Participant
  /// Nil for a note.
  let to: Participant?
  private let content: Content
  private var names: [String]
  private var count = 1

  private init(_ at: Double, _ from: Participant, _ to: Participant?, _ content: Content, name: String = "") {
    self.at = at
    self.from = from
    self.to = to
    self.content = content
    names = [name.isEmpty ? "\"\"" : name]
  }

  /// Nil for what the diagram leaves out.
  init?(_ entry: SessionDescription.Entry) {
    let (first, rest) = Self.split(entry.subject, at: "/")
    switch entry.event {
    case "requested": self.init(entry.at, .caller, .function(entry.subject), .single("request"))
    case "put": self.init(entry.at, Self.producer(entry.detail), .bucket(first), .objects, name: rest)
    case "called": self.init(entry.at, Self.producer(entry.detail), .function(entry.subject), .calls)
    case "announced":
      let count = Self.split(entry.detail, at: " by ").0
      self.init(entry.at, Self.producer(entry.detail), .bucket(entry.subject), .single("announces \(count)"))
    case "fired":
      let (target, objects) = Self.split(entry.detail, at: " on ")
      self.init(entry.at, .bucket(first), .function(target), .firings(of: rest), name: objects)
    case "committed":
      // `2 put, 1 output`: the puts have steps of their own.
      let words = entry.detail.split(separator: " ")
      guard words.last == "output", let count = words.dropLast().last, count != "0" else { return nil }
      self.init(entry.at, Self.invocation(entry.subject), .caller, .single("output"))
    case "started", "ended": return nil
    case "incomplete", "ignored":
      self.init(entry.at, .bucket(first), nil, .single("\(rest) \(entry.event): \(entry.detail)"))
    default:
      self.init(
        entry.at, Self.invocation(entry.subject), nil, .single("\(entry.subject) \(entry.event): \(entry.detail)"))
    }
  }

  var text: String {
    switch content {
    case .objects:
      let listed = names.map { $0.count > 24 ? "\($0.prefix(23))…" : $0 }.joined(separator: ", ")
      return count > names.count ? "\(listed) and \(count - names.count) more" : listed
    case .calls: return count == 1 ? "call" : "\(count) calls"
    case .firings(let trigger):
      return count == 1 ? "\(trigger) fires on \(names[0])" : "\(trigger) fires \(count) times"
    case .single(let text): return text
    }
  }

  static func merged(_ steps: [DiagramStep]) -> [DiagramStep] {
    steps.reduce(into: []) { merged, step in
      guard let last = merged.last, last.isAlike(step) else { return merged.append(step) }
      merged[merged.count - 1].count += 1
      if last.names.count < namesLimit { merged[merged.count - 1].names += step.names }
    }
  }

  private func isAlike(_ other: DiagramStep) -> Bool {
    if case .single = content { return false }
    return content == other.content && from == other.from && to == other.to
  }

  /// Who is named at the end of `… by count#3`.
  private static func producer(_ detail: String) -> Participant {
    guard let range = detail.ranges(of: "by ").last else { return .caller }
    let name = String(detail[range.upperBound...])
    return name == "the request" ? .caller : invocation(name)
  }

  /// The function of an invocation such as `count#3`.
  private static func invocation(_ name: String) -> Participant { .function(split(name, at: "#").0) }

  private static func split(_ text: String, at separator: String) -> (String, String) {
    guard let range = text.ranges(of: separator).first else { return (text, "") }
    return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
  }
}
