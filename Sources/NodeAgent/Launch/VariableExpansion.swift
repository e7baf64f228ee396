/// `$(NAME)` in commands, arguments and environment values, as Kubernetes expands it: a known name is replaced, an
/// unknown one stays as it is, and `$$` stands for one dollar sign that begins no reference.
package enum VariableExpansion {
  package static func expand(_ text: String, _ value: (String) -> String?) -> String {
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      guard let next = rest.first else {
        result += "$"
        break
      }
      if next == "$" {
        result += "$"
        rest = rest.dropFirst()
      } else if next == "(", let close = rest.firstIndex(of: ")") {
        let name = String(rest[rest.index(after: rest.startIndex)..<close])
        result += value(name) ?? "$(\(name))"
        rest = rest[rest.index(after: close)...]
      } else {
        result += "$"
      }
    }
    return result + rest
  }
}
