import KubernetesAPI

/// A label selector: `a=b,c!=d,e,!f,g in (h,i),j notin (k)`.
struct LabelSelector: Sendable, Hashable {
  enum Requirement: Sendable, Hashable {
    case isIn(String, Set<String>)
    case isNotIn(String, Set<String>)
    case exists(String)
    case isAbsent(String)
  }

  private(set) var requirements: [Requirement] = []

  init(_ text: String) throws(APIStatus) {
    for part in Self.split(text) {
      let part = part.trimmed
      if part.isEmpty { continue }
      requirements.append(try Self.requirement(part, in: text))
    }
  }

  /// From the form that objects have: `matchLabels` and `matchExpressions`. Nil for an operator that there is not.
  init?(document: JSONValue) {
    let labels = document["matchLabels"]?.objectValue ?? [:]
    for (name, value) in labels.sorted(by: { $0.key < $1.key }) {
      requirements.append(.isIn(name, [value.stringValue ?? ""]))
    }
    for expression in document["matchExpressions"]?.arrayValue ?? [] {
      let name = expression["key"]?.stringValue ?? ""
      let values = Set((expression["values"]?.arrayValue ?? []).compactMap(\.stringValue))
      switch expression["operator"]?.stringValue {
      case "In": requirements.append(.isIn(name, values))
      case "NotIn": requirements.append(.isNotIn(name, values))
      case "Exists": requirements.append(.exists(name))
      case "DoesNotExist": requirements.append(.isAbsent(name))
      default: return nil
      }
    }
  }

  private static func requirement(_ part: String, in text: String) throws(APIStatus) -> Requirement {
    if part.hasPrefix("!") { return .isAbsent(String(part.dropFirst()).trimmed) }
    if part.hasSuffix(")"), let open = part.firstIndex(of: "(") {
      let values = part[part.index(after: open)...].dropLast().split(separator: ",").map { String($0).trimmed }
      let words = part[..<open].split(separator: " ").map(String.init)
      if words.count == 2, words[1] == "in" { return .isIn(words[0], Set(values)) }
      if words.count == 2, words[1] == "notin" { return .isNotIn(words[0], Set(values)) }
    } else if let range = part.firstRange(of: "!=") {
      return .isNotIn(String(part[..<range.lowerBound]).trimmed, [String(part[range.upperBound...]).trimmed])
    } else if let range = part.firstRange(of: "==") ?? part.firstRange(of: "=") {
      return .isIn(String(part[..<range.lowerBound]).trimmed, [String(part[range.upperBound...]).trimmed])
    } else if !part.contains(" ") {
      return .exists(part)
    }
    throw .badRequest("unable to parse requirement: \"\(part)\" in the label selector \"\(text)\"")
  }

  /// At commas outside of brackets.
  private static func split(_ text: String) -> [String] {
    var parts = [""]
    var depth = 0
    for character in text {
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
    }
    return parts
  }

  func matches(_ object: JSONValue) -> Bool {
    if requirements.isEmpty { return true }
    let labels = object[path: "metadata", "labels"]
    return requirements.allSatisfy { requirement in
      switch requirement {
      case .isIn(let name, let values): labels?[name]?.stringValue.map(values.contains) ?? false
      case .isNotIn(let name, let values): !(labels?[name]?.stringValue.map(values.contains) ?? false)
      case .exists(let name): labels?[name] != nil
      case .isAbsent(let name): labels?[name] == nil
      }
    }
  }
}

/// A field selector: `metadata.name=x,status.phase!=Running`. Only some fields of each kind can be asked for.
struct FieldSelector: Sendable, Hashable {
  struct Term: Sendable, Hashable {
    var path: [String]
    var value: String
    var isNegated: Bool
  }

  private(set) var terms: [Term] = []

  init(_ text: String, kind: KindDefinition) throws(APIStatus) {
    for part in text.split(separator: ",") {
      guard let range = part.firstRange(of: "!=") ?? part.firstRange(of: "==") ?? part.firstRange(of: "=") else {
        throw .badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
      }
      let field = String(part[..<range.lowerBound])
      guard Self.isSupported(field, kind) else { throw .badRequest("field label not supported: \(field)") }
      terms.append(
        Term(
          path: field.split(separator: ".").map(String.init), value: String(part[range.upperBound...]),
          isNegated: part[range] == "!="))
    }
  }

  private static func isSupported(_ field: String, _ kind: KindDefinition) -> Bool {
    if field == "metadata.name" { return true }
    if field == "metadata.namespace" { return kind.type.isNamespaced }
    switch kind.type.kind {
    case "Pod":
      return [
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.nominatedNodeName",
      ].contains(field)
    case "Event":
      return field.hasPrefix("involvedObject.") || field.hasPrefix("regarding.")
        || ["reason", "type", "source", "reportingComponent", "reportingController"].contains(field)
    case "Namespace": return field == "status.phase"
    case "Secret": return field == "type"
    case "Node": return field == "spec.unschedulable"
    default: return false
    }
  }

  func matches(_ object: JSONValue) -> Bool {
    terms.allSatisfy { term in
      let value = object.value(at: term.path[...])
      let text = value?.stringValue ?? value?.boolValue.map(String.init) ?? value?.intValue.map(String.init) ?? ""
      return (text == term.value) != term.isNegated
    }
  }
}

extension String {
  /// Without spaces at both ends.
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " { text = text.dropFirst() }
    while text.last == " " { text = text.dropLast() }
    return String(text)
  }
}
