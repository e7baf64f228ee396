package import KubernetesAPI

/// One document of a YAML text, which remembers where each of its values stands.
package struct YAMLDocument: Sendable {
  package let file: String
  package let value: JSONValue
  let root: YAMLNode

  init(file: String, root: YAMLNode) {
    self.file = file
    self.root = root
    value = root.value
  }

  /// Where the document's first value begins.
  package var start: YAMLPosition { root.position }

  /// Where a field such as `spec.triggers[0].target` stands: its key, or the element of the list. For a field that is
  /// not there, the nearest value around it. List elements can also be named: `spec.functions[name=split]`.
  package func position(of field: String) -> YAMLPosition {
    var node = root
    var position = root.position
    for step in FieldPath(field).steps {
      switch (step, node.content) {
      case (.member(let name), .mapping(let entries)):
        guard let entry = entries.last(where: { $0.key == name }) else { return position }
        (position, node) = (entry.keyPosition, entry.value)
      case (.index(let index), .sequence(let nodes)):
        guard nodes.indices.contains(index) else { return position }
        (position, node) = (nodes[index].position, nodes[index])
      case (.element(let key, let value), .sequence(let nodes)):
        guard let found = nodes.first(where: { $0.value[key]?.stringValue == value }) else { return position }
        (position, node) = (found.position, found)
      default: return position
      }
    }
    return position
  }

  /// `file:line:column` of a field.
  package func place(of field: String) -> String { "\(file):\(position(of: field))" }
}
