import FoundationEssentials
import KubernetesAPI

/// What a scalar means, by the rules of the YAML reader that Kubernetes uses: those of YAML 1.1 for plain text (`yes`
/// and `on` are booleans, `010` is octal), text in quotes is always text.
enum YAMLScalar {
  static let standardPrefix = "tag:yaml.org,2002:"

  struct Unreadable: Error {
    var message: String
  }

  static func resolve(_ text: String, tag: String?, isPlain: Bool) throws(Unreadable) -> JSONValue {
    guard let tag else { return isPlain ? try plain(text) : .string(text) }
    guard tag.hasPrefix(standardPrefix) || tag == "!" else {
      throw Unreadable(message: "the tag \(tag) is not supported")
    }
    switch tag.dropFirst(standardPrefix.count) {
    case "int":
      if case .integer(let value)? = number(text) { return .integer(value) }
    case "float":
      if let value = number(text)?.doubleValue { return .number(value) }
    case "bool":
      if let value = bool(text) { return .bool(value) }
    case "null":
      return .null
    case "str", "":
      return .string(text)
    case "binary":
      let compact = text.filter { !$0.isWhitespace }
      if let data = Data(base64Encoded: compact) { return .string(String(decoding: data, as: UTF8.self)) }
    default:
      throw Unreadable(message: "the tag \(tag) is not supported")
    }
    throw Unreadable(message: "\"\(text)\" is not what its tag \(tag.replacing(standardPrefix, with: "!!")) says")
  }

  static func plain(_ text: String) throws(Unreadable) -> JSONValue {
    switch text {
    case "", "~", "null", "Null", "NULL": return .null
    case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN":
      throw Unreadable(message: "\(text) cannot be said in JSON; put it in quotes if it is text")
    default: break
    }
    if let value = bool(text) { return .bool(value) }
    return number(text) ?? .string(text)
  }

  private static func bool(_ text: String) -> Bool? {
    switch text {
    case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y": true
    case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N": false
    default: nil
    }
  }

  private static func number(_ text: String) -> JSONValue? {
    guard let first = text.utf8.first, "0123456789+-.".utf8.contains(first) else { return nil }
    let digits = text.replacing("_", with: "")
    if let value = integer(digits) { return .integer(value) }
    guard isFloat(digits), let value = Double(digits), value.isFinite else { return nil }
    return .number(value)
  }

  private static func integer(_ text: String) -> Int64? {
    var rest = text[...]
    var sign = ""
    if let first = rest.first, first == "-" || first == "+" {
      sign = first == "-" ? "-" : ""
      rest = rest.dropFirst()
    }
    let bases: [(String, Int)] = [("0x", 16), ("0X", 16), ("0b", 2), ("0o", 8)]
    for (prefix, radix) in bases where rest.hasPrefix(prefix) {
      return unsigned(rest.dropFirst(2), sign, radix)
    }
    if rest.first == "0", rest.count > 1, let octal = unsigned(rest.dropFirst(), sign, 8) { return octal }
    return unsigned(rest, sign, 10)
  }

  private static func unsigned(_ digits: Substring, _ sign: String, _ radix: Int) -> Int64? {
    guard let first = digits.first, first != "-", first != "+" else { return nil }
    return Int64(sign + digits, radix: radix)
  }

  /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`: Swift alone would also read `0x1p3` and `infinity`.
  private static func isFloat(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    func drop(_ bytes: String) -> Bool {
      guard let first = rest.first, bytes.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    func dropDigits() -> Bool {
      let before = rest.count
      rest = rest.drop(while: isDigit)
      return rest.count < before
    }
    _ = drop("+-")
    let hasWhole = dropDigits()
    let hasFraction = drop(".") && dropDigits()
    guard hasWhole || hasFraction else { return false }
    if drop("eE") {
      _ = drop("+-")
      guard dropDigits() else { return false }
    }
    return rest.isEmpty
  }
}
