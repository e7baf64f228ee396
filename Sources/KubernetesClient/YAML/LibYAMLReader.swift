import CYAML

/// Reads events with libyaml; everything unsafe about it is in here.
@safe
final class LibYAMLReader {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let input: UnsafeMutableBufferPointer<UInt8>
  private let file: String

  init(_ text: String, file: String) throws(YAMLError) {
    self.file = file
    unsafe parser = .allocate(capacity: 1)
    unsafe input = .allocate(capacity: text.utf8.count)
    _ = unsafe input.initialize(from: text.utf8)
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      unsafe parser.initialize(to: yaml_parser_t())
      throw YAMLError("libyaml could not be initialised", file: file, position: YAMLPosition(line: 1, column: 1))
    }
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    unsafe yaml_parser_set_input_string(parser, input.baseAddress, input.count)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
    unsafe input.deallocate()
  }

  func next() throws(YAMLError) -> (event: YAMLEvent, position: YAMLPosition) {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { unsafe yaml_event_delete(&event) }
    let position = unsafe YAMLPosition(line: event.start_mark.line + 1, column: event.start_mark.column + 1)
    return (unsafe Self.convert(event), position)
  }

  private func problem() -> YAMLError {
    let mark = unsafe parser.pointee.problem_mark
    let text = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "not valid YAML"
    let context = unsafe parser.pointee.context.map { unsafe " " + String(cString: $0) } ?? ""
    // Bytes that are no text have an offset instead of a mark.
    let position = YAMLPosition(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    return YAMLError("\(text)\(context)", file: file, position: position)
  }

  private static func convert(_ event: yaml_event_t) -> YAMLEvent {
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: return .streamStart
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_ALIAS_EVENT: return .alias(unsafe text(event.data.alias.anchor) ?? "")
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
      return .scalar(
        text: unsafe String(decoding: bytes, as: UTF8.self), tag: unsafe text(scalar.tag),
        anchor: unsafe text(scalar.anchor), isPlain: unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE)
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      return .sequenceStart(tag: unsafe text(start.tag), anchor: unsafe text(start.anchor))
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      return .mappingStart(tag: unsafe text(start.tag), anchor: unsafe text(start.anchor))
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: return .collectionEnd
    default: return .streamEnd
    }
  }

  private static func text(_ pointer: UnsafeMutablePointer<UInt8>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    return unsafe String(cString: pointer)
  }
}
