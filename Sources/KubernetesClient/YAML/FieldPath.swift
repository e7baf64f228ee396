/// A path such as `spec.triggers[0].target`, `data["a.b"]` or `conditions[type=Ready]`, as Kubernetes writes them.
struct FieldPath: Hashable, Sendable {
  enum Step: Hashable, Sendable {
    case member(String)
    case index(Int)
    case element(key: String, value: String)
  }

  private(set) var steps: [Step] = []

  init(_ text: String) {
    var rest = text[...]
    while let first = rest.first {
      switch first {
      case ".":
        rest = rest.dropFirst()
      case "[":
        let end = rest.firstIndex(of: "]") ?? rest.endIndex
        steps.append(Self.bracket(rest[..<end].dropFirst()))
        rest = rest[end...].dropFirst()
      default:
        let end = rest.firstIndex { $0 == "." || $0 == "[" } ?? rest.endIndex
        steps.append(.member(String(rest[..<end])))
        rest = rest[end...]
      }
    }
  }

  private static func bracket(_ text: Substring) -> Step {
    if let index = Int(text) { return .index(index) }
    if let equals = text.firstIndex(of: "=") {
      return .element(
        key: String(text[..<equals]), value: unquoted(text[text.index(after: equals)...]))
    }
    return .member(unquoted(text))
  }

  private static func unquoted(_ text: Substring) -> String {
    guard text.count >= 2, let quote = text.first, quote == "\"" || quote == "'", text.last == quote else {
      return String(text)
    }
    return String(text.dropFirst().dropLast())
  }
}
