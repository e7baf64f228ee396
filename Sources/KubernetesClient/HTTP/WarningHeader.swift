/// The `Warning` header with which an API server speaks to people: `299 - "unknown field \"spec.x\""`, repeated.
enum WarningHeader {
  static func messages(_ value: String?) -> [String] {
    guard let value else { return [] }
    var messages: [String] = []
    var current: String?
    var isEscaped = false
    for character in value {
      guard let text = current else {
        if character == "\"" { current = "" }
        continue
      }
      if isEscaped {
        current = text + String(character)
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "\"" {
        messages.append(text)
        current = nil
      } else {
        current = text + String(character)
      }
    }
    return messages
  }
}
