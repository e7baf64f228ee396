import KubernetesAPI

/// The part of JSONPath that printer columns use: members, `['quoted members']`, `[0]`, `[*]` and
/// `[?(@.type=="Ready")]`.
struct JSONPath: Sendable, Hashable {
  enum Step: Sendable, Hashable {
    case member(String)
    case index(Int)
    case all
    case filter(path: [String], equals: String)
  }

  private(set) var steps: [Step] = []

  init(_ text: String) {
    var rest = Substring(text)
    if rest.first == "{", rest.last == "}" { rest = rest.dropFirst().dropLast() }
    if rest.first == "$" { rest = rest.dropFirst() }
    while let first = rest.first {
      if first == "." {
        rest = rest.dropFirst()
        let name = Self.takeName(&rest)
        if name == "*" { steps.append(.all) } else if !name.isEmpty { steps.append(.member(name)) }
      } else if first == "[", let end = Self.closing(of: rest) {
        steps.append(Self.bracket(rest[rest.index(after: rest.startIndex)..<end]))
        rest = rest[rest.index(after: end)...]
      } else {
        let name = Self.takeName(&rest)
        if name.isEmpty { rest = rest.dropFirst() } else { steps.append(.member(name)) }
      }
    }
  }

  /// The end of the bracket that `text` begins with, past brackets within quotes.
  private static func closing(of text: Substring) -> Substring.Index? {
    var quote: Character?
    for index in text.indices {
      let character = text[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" {
        quote = character
      } else if character == "]" {
        return index
      }
    }
    return nil
  }

  private static func takeName(_ rest: inout Substring) -> String {
    var name = ""
    while let character = rest.first, character != ".", character != "[" {
      rest = rest.dropFirst()
      if character == "\\", let escaped = rest.first {
        name.append(escaped)
        rest = rest.dropFirst()
      } else {
        name.append(character)
      }
    }
    return name
  }

  private static func bracket(_ inner: Substring) -> Step {
    if inner == "*" { return .all }
    if let index = Int(inner) { return .index(index) }
    if inner.hasPrefix("?("), inner.hasSuffix(")") {
      let condition = inner.dropFirst(2).dropLast()
      if let equals = condition.firstRange(of: "==") {
        let path = condition[..<equals.lowerBound].drop { $0 == "@" || $0 == " " }
          .split(separator: ".").map { $0.trimmingCharacters() }
        return .filter(path: path, equals: condition[equals.upperBound...].trimmingCharacters())
      }
    }
    return .member(inner.trimmingCharacters())
  }

  /// The first value that the path leads to.
  func first(in document: JSONValue) -> JSONValue? {
    var values = [document]
    for step in steps {
      values = values.flatMap { value -> [JSONValue] in
        switch step {
        case .member(let name): return value[name].map { [$0] } ?? []
        case .index(let index): return value[index].map { [$0] } ?? []
        case .all: return value.arrayValue ?? value.objectValue.map { Array($0.values) } ?? []
        case .filter(let path, let wanted):
          return (value.arrayValue ?? []).filter { element in
            guard let found = element.value(at: path[...]) else { return false }
            return (found.stringValue ?? found.canonicalText) == wanted
          }
        }
      }
      if values.isEmpty { return nil }
    }
    return values.first
  }
}

extension Substring {
  /// Without spaces and quotes around it.
  fileprivate func trimmingCharacters() -> String {
    var text = self
    while let first = text.first, " '\"".contains(first) { text = text.dropFirst() }
    while let last = text.last, " '\"".contains(last) { text = text.dropLast() }
    return String(text)
  }
}
