import FoundationEssentials

/// Finds members that a JSON text names twice, which a parsed document no longer shows.
struct DuplicateFields {
  /// Deeper members are not looked at.
  private static let depthLimit = 128

  private var bytes: ArraySlice<UInt8>
  private var found: [String] = []

  /// The paths of the second and later ones, in the order of the text, which has to be valid JSON.
  static func paths(in text: Data) -> [String] {
    var scan = DuplicateFields(bytes: ArraySlice([UInt8](text)))
    scan.value(at: "", depth: 0)
    return scan.found
  }

  private init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  private mutating func value(at path: String, depth: Int) {
    skipSpace()
    guard depth < Self.depthLimit, let first = bytes.first else { return }
    switch first {
    case UInt8(ascii: "{"): object(at: path, depth: depth)
    case UInt8(ascii: "["): array(at: path, depth: depth)
    case UInt8(ascii: "\""): _ = text()
    default: bytes = bytes.drop { !Self.ends.contains($0) }
    }
  }

  private mutating func object(at path: String, depth: Int) {
    var seen: Set<String> = []
    bytes.removeFirst()
    skipSpace()
    while bytes.first == UInt8(ascii: "\"") {
      let name = text()
      let inner = path.isEmpty ? name : "\(path).\(name)"
      if !seen.insert(name).inserted { found.append(inner) }
      skip(UInt8(ascii: ":"))
      value(at: inner, depth: depth + 1)
      skip(UInt8(ascii: ","))
    }
    skip(UInt8(ascii: "}"))
  }

  private mutating func array(at path: String, depth: Int) {
    bytes.removeFirst()
    skipSpace()
    var index = 0
    while let next = bytes.first, next != UInt8(ascii: "]") {
      let before = bytes.count
      value(at: "\(path)[\(index)]", depth: depth + 1)
      skip(UInt8(ascii: ","))
      // What is too deep is not consumed; there is nothing to find in it.
      if bytes.count == before { return }
      index += 1
    }
    skip(UInt8(ascii: "]"))
  }

  /// A string without its quotes, with its escapes as they stand.
  private mutating func text() -> String {
    bytes.removeFirst()
    var end = bytes.startIndex
    while end < bytes.endIndex, bytes[end] != UInt8(ascii: "\"") {
      end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1
    }
    end = min(end, bytes.endIndex)
    defer { bytes = bytes[end...].dropFirst() }
    return String(decoding: bytes[..<end], as: UTF8.self)
  }

  private mutating func skip(_ byte: UInt8) {
    skipSpace()
    if bytes.first == byte { bytes.removeFirst() }
    skipSpace()
  }

  private mutating func skipSpace() { bytes = bytes.drop { Self.spaces.contains($0) } }

  private static let spaces = Set(" \n\r\t".utf8)
  private static let ends = Set(" \n\r\t,]}".utf8)
}
