/// One step of reading a YAML text.
enum YAMLEvent: Hashable, Sendable {
  case streamStart
  case streamEnd
  case documentStart
  case documentEnd
  case alias(String)
  case scalar(text: String, tag: String?, anchor: String?, isPlain: Bool)
  case sequenceStart(tag: String?, anchor: String?)
  case mappingStart(tag: String?, anchor: String?)
  case collectionEnd
}
