import KubernetesAPI

/// Builds documents from events. Bounded in depth and in values, so that aliases cannot make a small text huge.
struct YAMLComposer {
  static let maximumDepth = 100
  static let maximumValues = 500_000

  private let reader: LibYAMLReader
  private let file: String
  private var anchors: [String: (node: YAMLNode, count: Int)] = [:]
  private var values = 0

  init(reader: LibYAMLReader, file: String) {
    self.reader = reader
    self.file = file
  }

  /// Empty documents are left out.
  mutating func documents() throws(YAMLError) -> [YAMLDocument] {
    var documents: [YAMLDocument] = []
    while true {
      let (event, _) = try reader.next()
      switch event {
      case .streamEnd: return documents
      case .documentStart:
        anchors = [:]
        let (first, position) = try reader.next()
        guard let root = try node(first, position, depth: 0) else { continue }
        if root.value != .null { documents.append(YAMLDocument(file: file, root: root)) }
      default: continue
      }
    }
  }

  /// Nil at the end of the collection around it.
  private mutating func node(
    _ event: YAMLEvent, _ position: YAMLPosition, depth: Int
  ) throws(YAMLError) -> YAMLNode? {
    try count(1, position)
    guard depth <= Self.maximumDepth else {
      throw YAMLError("nested deeper than \(Self.maximumDepth) levels", file: file, position: position)
    }
    switch event {
    case .alias(let name):
      guard let anchored = anchors[name] else {
        throw YAMLError("nothing before this is called &\(name)", file: file, position: position)
      }
      try count(anchored.count, position)
      return anchored.node
    case .scalar(let text, let tag, let anchor, let isPlain):
      let value = try scalar(text, tag: tag, isPlain: isPlain, position)
      return remember(YAMLNode(position: position, content: .scalar(value)), as: anchor)
    case .sequenceStart(let tag, let anchor):
      try checkCollection(tag, "seq", position)
      return remember(try sequence(position, depth: depth), as: anchor)
    case .mappingStart(let tag, let anchor):
      try checkCollection(tag, "map", position)
      return remember(try mapping(position, depth: depth), as: anchor)
    case .collectionEnd, .documentEnd, .streamEnd, .streamStart, .documentStart:
      return nil
    }
  }

  private mutating func sequence(_ position: YAMLPosition, depth: Int) throws(YAMLError) -> YAMLNode {
    var nodes: [YAMLNode] = []
    while true {
      let (event, place) = try reader.next()
      guard let element = try node(event, place, depth: depth + 1) else { break }
      nodes.append(element)
    }
    return YAMLNode(position: position, content: .sequence(nodes))
  }

  private mutating func mapping(_ position: YAMLPosition, depth: Int) throws(YAMLError) -> YAMLNode {
    var entries: [YAMLNode.Entry] = []
    var lines: [String: Int] = [:]
    var merged: [YAMLNode.Entry] = []
    while true {
      let (keyEvent, keyPosition) = try reader.next()
      if keyEvent == .collectionEnd { break }
      let isMerge = keyEvent == .scalar(text: "<<", tag: nil, anchor: nil, isPlain: true)
      guard let keyNode = try node(keyEvent, keyPosition, depth: depth + 1) else { break }
      let (event, place) = try reader.next()
      guard let value = try node(event, place, depth: depth + 1) else { break }
      if isMerge {
        merged += try mergedEntries(value)
        continue
      }
      let key = try keyText(keyNode, keyPosition)
      if let line = lines[key] {
        throw YAMLError("the key \"\(key)\" is already in line \(line)", file: file, position: keyPosition)
      }
      lines[key] = keyPosition.line
      entries.append(YAMLNode.Entry(key: key, keyPosition: keyPosition, value: value))
    }
    for entry in merged where lines[entry.key] == nil {
      lines[entry.key] = entry.keyPosition.line
      entries.append(entry)
    }
    return YAMLNode(position: position, content: .mapping(entries))
  }

  /// What `<<` brings in: the entries of a mapping, or of several, of which the first counts.
  private mutating func mergedEntries(_ node: YAMLNode) throws(YAMLError) -> [YAMLNode.Entry] {
    switch node.content {
    case .mapping(let entries): return entries
    case .sequence(let nodes):
      var all: [YAMLNode.Entry] = []
      for node in nodes { all += try mergedEntries(node) }
      return all
    case .scalar: throw YAMLError("<< needs a mapping to merge", file: file, position: node.position)
    }
  }

  private mutating func remember(_ node: YAMLNode, as anchor: String?) -> YAMLNode {
    if let anchor { anchors[anchor] = (node, node.count) }
    return node
  }

  private mutating func count(_ more: Int, _ position: YAMLPosition) throws(YAMLError) {
    values += more
    guard values <= Self.maximumValues else {
      throw YAMLError("more than \(Self.maximumValues) values, aliases expanded", file: file, position: position)
    }
  }

  private func keyText(_ node: YAMLNode, _ position: YAMLPosition) throws(YAMLError) -> String {
    switch node.content {
    case .scalar(.string(let text)): return text
    case .scalar(let other) where other != .null: return other.canonicalText
    default: throw YAMLError("a key must be text", file: file, position: position)
    }
  }

  private func checkCollection(_ tag: String?, _ expected: String, _ position: YAMLPosition) throws(YAMLError) {
    guard tag == nil || tag == "!" || tag == YAMLScalar.standardPrefix + expected else {
      throw YAMLError("the tag \(tag ?? "") is not supported", file: file, position: position)
    }
  }

  private func scalar(
    _ text: String, tag: String?, isPlain: Bool, _ position: YAMLPosition
  ) throws(YAMLError) -> JSONValue {
    do {
      return try YAMLScalar.resolve(text, tag: tag, isPlain: isPlain)
    } catch {
      throw YAMLError(error.message, file: file, position: position)
    }
  }
}
