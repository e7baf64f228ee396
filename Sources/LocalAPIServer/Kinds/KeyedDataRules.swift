import KubernetesAPI

/// What ConfigMaps and Secrets have in common: their keys, and that they may be closed for good.
enum KeyedDataRules {
  static func problems(in object: JSONValue, old: JSONValue?, fields: [String]) -> [FieldError] {
    var found: [FieldError] = []
    for field in fields {
      for key in (object[field]?.objectValue ?? [:]).keys.sorted() {
        found += problems(withKey: key).map { .invalid("\(field)[\(key)]", .string(key), $0) }
      }
    }
    guard let old, old["immutable"]?.boolValue == true else { return found }
    if object["immutable"]?.boolValue != true { found.append(frozen("immutable")) }
    return found + fields.filter { object[$0] != old[$0] }.map(frozen)
  }

  private static func frozen(_ field: String) -> FieldError {
    .forbidden(field, "field is immutable when `immutable` is set")
  }

  private static func problems(withKey key: String) -> [String] {
    if key.utf8.count > 253 { return ["must be no more than 253 bytes"] }
    func isPlain(_ character: Character) -> Bool {
      character.isASCII && (character.isLetter || character.isNumber || "-._".contains(character))
    }
    if key.isEmpty || !key.allSatisfy(isPlain) {
      return [
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
      ]
    }
    if key == "." { return ["must not be '.'"] }
    if key == ".." { return ["must not be '..'"] }
    return key.hasPrefix("..") ? ["must not start with '..'"] : []
  }
}
