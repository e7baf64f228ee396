/// What the keys of labels and annotations, finalizers and the like are: `example.com/name`, or `name`.
enum QualifiedName {
  private static let rule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

  /// What is wrong with `text`, in the words of a real API server.
  static func problems(with text: String) -> [String] {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let name = parts.last else {
      return ["a qualified name \(rule) with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
    }
    var found: [String] = []
    if parts.count == 2 {
      if parts[0].isEmpty {
        found.append("prefix part must be non-empty")
      } else if let problem = NameRule.subdomain.problem(with: parts[0]) {
        found.append("prefix part \(problem)")
      }
    }
    if name.isEmpty {
      found.append("name part must be non-empty")
    } else if name.utf8.count > 63 {
      found.append("name part must be no more than 63 bytes")
    }
    // Within its length, what a label's value may be is what a name may be, but for nothing.
    let isPlain = !name.isEmpty && LabelValue.isValid(String(name.prefix(62)) + String(name.suffix(1)))
    if !isPlain { found.append("name part \(rule)") }
    return found
  }
}
