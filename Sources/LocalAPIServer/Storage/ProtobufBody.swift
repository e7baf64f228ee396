import FoundationEssentials
import KubernetesAPI

/// Reads the few objects that `kubectl create namespace|configmap|secret|serviceaccount` sends as protobuf, and how Helm
/// wants its records of releases deleted. The field numbers are those of the Kubernetes API's published
/// `generated.proto` files.
enum ProtobufBody {
  struct Malformed: Error, CustomStringConvertible {
    var description: String { "the protobuf is malformed" }
  }

  private indirect enum Field {
    case text(String)
    case texts(String)
    case flag(String)
    case integer(String)
    case message(String, [Int: Field])
    case messages(String, [Int: Field])
    /// Text by text.
    case map(String)
    /// Bytes by text, as base64.
    case byteMap(String)
  }

  private static let metadata: [Int: Field] = [
    1: .text("name"), 2: .text("generateName"), 3: .text("namespace"), 11: .map("labels"), 12: .map("annotations"),
    14: .texts("finalizers"),
  ]

  private static let reference: [Int: Field] = [1: .text("name")]

  private static let kinds: [String: [Int: Field]] = [
    "Namespace": [1: .message("metadata", metadata)],
    "ConfigMap": [
      1: .message("metadata", metadata), 2: .map("data"), 3: .byteMap("binaryData"), 4: .flag("immutable"),
    ],
    "Secret": [
      1: .message("metadata", metadata), 2: .byteMap("data"), 3: .text("type"), 4: .map("stringData"),
      5: .flag("immutable"),
    ],
    "ServiceAccount": [
      1: .message("metadata", metadata), 3: .messages("imagePullSecrets", reference),
      4: .flag("automountServiceAccountToken"),
    ],
  ]

  private static let deleteOptions: [Int: Field] = [
    1: .integer("gracePeriodSeconds"),
    2: .message("preconditions", [1: .text("uid"), 2: .text("resourceVersion")]),
    3: .flag("orphanDependents"), 4: .text("propagationPolicy"),
  ]

  static func deleteOptions(_ data: Data) throws(Malformed) -> JSONValue { try message(content(data), deleteOptions) }

  /// Nil where the kind is not among the few.
  static func document(_ data: Data, _ kind: KindDefinition) throws(Malformed) -> JSONValue? {
    guard kind.type.group.isEmpty, let fields = kinds[kind.type.kind] else { return nil }
    var document = try message(content(data), fields)
    document["apiVersion"] = .string(kind.type.apiVersion)
    document["kind"] = .string(kind.type.kind)
    return document
  }

  /// What is in the envelope, whose field 1 is the type, and field 2 the object.
  private static func content(_ data: Data) throws(Malformed) -> ArraySlice<UInt8> {
    let bytes = [UInt8](data)
    guard bytes.starts(with: [0x6b, 0x38, 0x73, 0x00]) else { throw Malformed() }
    var object: ArraySlice<UInt8> = []
    var envelope = Reader(bytes: bytes[4...])
    while let (number, value) = try envelope.next() {
      if number == 2, case .bytes(let inner) = value { object = inner }
    }
    return object
  }

  private static func message(_ bytes: ArraySlice<UInt8>, _ fields: [Int: Field]) throws(Malformed) -> JSONValue {
    var members: [String: JSONValue] = [:]
    func append(_ value: JSONValue, to name: String) {
      members[name] = .array((members[name]?.arrayValue ?? []) + [value])
    }
    func set(_ value: JSONValue, _ key: String, in name: String) {
      var map = members[name] ?? .emptyObject
      map[key] = value
      members[name] = map
    }
    var reader = Reader(bytes: bytes)
    while let (number, value) = try reader.next() {
      switch (fields[number], value) {
      case (.text(let name)?, .bytes(let bytes)):
        if !bytes.isEmpty { members[name] = .string(String(decoding: bytes, as: UTF8.self)) }
      case (.texts(let name)?, .bytes(let bytes)): append(.string(String(decoding: bytes, as: UTF8.self)), to: name)
      case (.flag(let name)?, .number(let value)): members[name] = .bool(value != 0)
      case (.integer(let name)?, .number(let value)): members[name] = .integer(Int64(bitPattern: value))
      case (.message(let name, let inner)?, .bytes(let bytes)): members[name] = try message(bytes, inner)
      case (.messages(let name, let inner)?, .bytes(let bytes)): append(try message(bytes, inner), to: name)
      case (.map(let name)?, .bytes(let bytes)):
        let (key, value) = try entry(bytes)
        set(.string(String(decoding: value, as: UTF8.self)), key, in: name)
      case (.byteMap(let name)?, .bytes(let bytes)):
        let (key, value) = try entry(bytes)
        set(.string(Data(value).base64EncodedString()), key, in: name)
      default: break
      }
    }
    return .object(members)
  }

  private static func entry(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> (String, ArraySlice<UInt8>) {
    var key = ""
    var content: ArraySlice<UInt8> = []
    var reader = Reader(bytes: bytes)
    while let (number, value) = try reader.next() {
      guard case .bytes(let inner) = value else { continue }
      if number == 1 { key = String(decoding: inner, as: UTF8.self) } else { content = inner }
    }
    return (key, content)
  }

  private struct Reader {
    enum Value {
      case number(UInt64)
      case bytes(ArraySlice<UInt8>)
    }

    var bytes: ArraySlice<UInt8>

    mutating func next() throws(Malformed) -> (Int, Value)? {
      if bytes.isEmpty { return nil }
      let tag = try varint()
      let number = Int(truncatingIfNeeded: tag >> 3)
      switch tag & 7 {
      case 0: return (number, .number(try varint()))
      case 1: return (number, .bytes(try take(8)))
      case 2:
        let count = try varint()
        guard count <= UInt64(bytes.count) else { throw Malformed() }
        return (number, .bytes(try take(Int(count))))
      case 5: return (number, .bytes(try take(4)))
      default: throw Malformed()
      }
    }

    private mutating func take(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
      guard count <= bytes.count else { throw Malformed() }
      defer { bytes = bytes.dropFirst(count) }
      return bytes.prefix(count)
    }

    private mutating func varint() throws(Malformed) -> UInt64 {
      var value: UInt64 = 0
      for shift in stride(from: 0, to: 64, by: 7) {
        guard let byte = bytes.popFirst() else { throw Malformed() }
        value |= UInt64(byte & 0x7f) << UInt64(shift)
        if byte & 0x80 == 0 { return value }
      }
      throw Malformed()
    }
  }
}
