import FoundationEssentials

/// Finds where a text stops being JSON, which the decoder does not say.
struct JSONBreak {
  private enum Expectation {
    case value
    /// A value or the end of the array.
    case firstElement
    case name
    /// A name or the end of the object.
    case firstName
    case colon
    /// A comma, or the end of what is open.
    case more
  }

  private var bytes: ArraySlice<UInt8>
  /// The closing brackets of what is open, the innermost last.
  private var open: [UInt8] = []
  private var expectation = Expectation.value

  /// The line, from 1, and what is wrong there. What ends too early ends in its last line.
  static func place(in data: Data) -> (line: Int, reason: String) {
    let all = [UInt8](data)
    var scan = JSONBreak(bytes: ArraySlice(all))
    let isBroken = !scan.consumed()
    let line = all[..<scan.bytes.startIndex].count { $0 == UInt8(ascii: "\n") } + 1
    guard let byte = scan.bytes.first, isBroken else { return (line, "it ends too early") }
    let character = Unicode.Scalar(byte)
    return (line, character.isASCII ? "unexpected \(String(character).debugDescription)" : "unexpected byte \(byte)")
  }

  private init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// Goes on to the first byte that cannot be there. True if there is none.
  private mutating func consumed() -> Bool {
    while true {
      bytes = bytes.drop { " \n\r\t".utf8.contains($0) }
      guard let byte = bytes.first else { return true }
      guard accepts(byte) else { return false }
    }
  }

  private mutating func accepts(_ byte: UInt8) -> Bool {
    switch (expectation, byte) {
    case (.firstElement, UInt8(ascii: "]")), (.firstName, UInt8(ascii: "}")): close()
    case (.more, _) where byte == open.last: close()
    case (.more, UInt8(ascii: ",")) where !open.isEmpty: step(open.last == UInt8(ascii: "}") ? .name : .value)
    case (.colon, UInt8(ascii: ":")): step(.value)
    case (.name, UInt8(ascii: "\"")), (.firstName, UInt8(ascii: "\"")): return text(then: .colon)
    case (.value, UInt8(ascii: "{")), (.firstElement, UInt8(ascii: "{")):
      open.append(UInt8(ascii: "}"))
      step(.firstName)
    case (.value, UInt8(ascii: "[")), (.firstElement, UInt8(ascii: "[")):
      open.append(UInt8(ascii: "]"))
      step(.firstElement)
    case (.value, UInt8(ascii: "\"")), (.firstElement, UInt8(ascii: "\"")): return text(then: .more)
    case (.value, _), (.firstElement, _): return word()
    default: return false
    }
    return true
  }

  private mutating func step(_ next: Expectation) {
    bytes.removeFirst()
    expectation = next
  }

  private mutating func close() {
    open.removeLast()
    step(.more)
  }

  /// A string. A control character in it is where it breaks, as a line's end is behind a quote that was forgotten.
  private mutating func text(then next: Expectation) -> Bool {
    bytes.removeFirst()
    while let byte = bytes.first, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { return false }
      bytes = bytes.dropFirst(byte == UInt8(ascii: "\\") ? 2 : 1)
    }
    bytes = bytes.dropFirst()
    expectation = next
    return true
  }

  /// A number, or one of the three words.
  private mutating func word() -> Bool {
    let word = bytes.prefix { !" \n\r\t,:]}".utf8.contains($0) }
    let text = String(decoding: word, as: UTF8.self)
    guard ["true", "false", "null"].contains(text) || text.wholeMatch(of: #/-?\d+(\.\d+)?([eE][-+]?\d+)?/#) != nil
    else {
      return false
    }
    bytes = bytes[word.endIndex...]
    expectation = .more
    return true
  }
}
