import KubernetesAPI

/// A value with the places of its parts.
struct YAMLNode: Sendable {
  var position: YAMLPosition
  var content: Content

  indirect enum Content: Sendable {
    case scalar(JSONValue)
    case sequence([YAMLNode])
    case mapping([Entry])
  }

  struct Entry: Sendable {
    var key: String
    var keyPosition: YAMLPosition
    var value: YAMLNode
  }

  var value: JSONValue {
    switch content {
    case .scalar(let value): value
    case .sequence(let nodes): .array(nodes.map(\.value))
    case .mapping(let entries): .object(Dictionary(entries.map { ($0.key, $0.value.value) }) { $1 })
    }
  }

  /// How many values there are in it, itself included.
  var count: Int {
    switch content {
    case .scalar: 1
    case .sequence(let nodes): nodes.reduce(1) { $0 + $1.count }
    case .mapping(let entries): entries.reduce(1) { $0 + $1.value.count }
    }
  }
}
