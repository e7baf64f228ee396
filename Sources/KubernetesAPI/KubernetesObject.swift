/// A resource of any kind: the whole document, with typed doors to the metadata that every kind has.
package struct KubernetesObject: Sendable, Hashable, Codable {
  package var document: JSONValue

  package init(_ document: JSONValue) { self.document = document }

  package init(_ type: ResourceType, namespace: String? = nil, name: String) {
    document = [
      "apiVersion": .string(type.apiVersion), "kind": .string(type.kind), "metadata": ["name": .string(name)],
    ]
    if let namespace { document[path: "metadata", "namespace"] = .string(namespace) }
  }

  package init(from decoder: any Decoder) throws { document = try JSONValue(from: decoder) }
  package func encode(to encoder: any Encoder) throws { try document.encode(to: encoder) }

  package subscript(path: String...) -> JSONValue? {
    get { document.value(at: path[...]) }
    set { document.set(newValue, at: path[...]) }
  }

  package var apiVersion: String { document["apiVersion"]?.stringValue ?? "" }
  package var kind: String { document["kind"]?.stringValue ?? "" }
  package var name: String { self["metadata", "name"]?.stringValue ?? "" }
  package var namespace: String? { self["metadata", "namespace"]?.stringValue }
  package var uid: String { self["metadata", "uid"]?.stringValue ?? "" }
  package var resourceVersion: String { self["metadata", "resourceVersion"]?.stringValue ?? "" }
  package var generation: Int { self["metadata", "generation"]?.intValue ?? 0 }
  package var creationTimestamp: String? { self["metadata", "creationTimestamp"]?.stringValue }
  package var isBeingDeleted: Bool { self["metadata", "deletionTimestamp"] != nil }

  package var labels: [String: String] { strings(at: "labels") }
  package var annotations: [String: String] { strings(at: "annotations") }

  package var ownerReferences: [OwnerReference] {
    (try? self["metadata", "ownerReferences"]?.decode()) ?? []
  }

  /// The one owner that manages this object, if any.
  package var controller: OwnerReference? { ownerReferences.first { $0.controller == true } }

  package var key: ObjectKey { ObjectKey(namespace: namespace, name: name) }

  private func strings(at field: String) -> [String: String] {
    (self["metadata", field]?.objectValue ?? [:]).compactMapValues(\.stringValue)
  }
}

/// The name of an object among those of its kind.
package struct ObjectKey: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// Nil for kinds that have no namespace.
  package var namespace: String?
  package var name: String

  package init(namespace: String?, name: String) {
    self.namespace = namespace
    self.name = name
  }

  package var description: String { namespace.map { "\($0)/\(name)" } ?? name }

  package static func < (one: ObjectKey, other: ObjectKey) -> Bool {
    (one.namespace ?? "", one.name) < (other.namespace ?? "", other.name)
  }
}

package struct OwnerReference: Sendable, Hashable, Codable {
  package var apiVersion: String
  package var kind: String
  package var name: String
  package var uid: String
  package var controller: Bool?
  package var blockOwnerDeletion: Bool?

  package init(
    apiVersion: String, kind: String, name: String, uid: String, controller: Bool? = nil,
    blockOwnerDeletion: Bool? = nil
  ) {
    self.apiVersion = apiVersion
    self.kind = kind
    self.name = name
    self.uid = uid
    self.controller = controller
    self.blockOwnerDeletion = blockOwnerDeletion
  }
}
