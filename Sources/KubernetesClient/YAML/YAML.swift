package import KubernetesAPI

/// Reads YAML (and so JSON) into JSON values, the way `kubectl` does.
package enum YAML {
  /// A larger text is no manifest and no kubeconfig.
  package static let maximumBytes = 16 << 20

  /// The documents of a text; empty ones are left out. `file` is for messages.
  package static func parse(_ text: String, file: String) throws(YAMLError) -> [JSONValue] {
    try parseWithLines(text, file: file).map(\.value)
  }

  /// The documents of a text, with the line and column of each value.
  package static func parseWithLines(_ text: String, file: String) throws(YAMLError) -> [YAMLDocument] {
    guard text.utf8.count <= maximumBytes else {
      throw YAMLError("larger than \(maximumBytes) bytes", file: file, position: YAMLPosition(line: 1, column: 1))
    }
    var composer = YAMLComposer(reader: try LibYAMLReader(text, file: file), file: file)
    return try composer.documents()
  }
}
