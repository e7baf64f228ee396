import FoundationEssentials
import KubernetesAPI

/// The shape in which a client wants its objects.
enum Presentation: Sendable, Hashable {
  enum Inclusion: String, Sendable { case metadata = "Metadata", object = "Object", none = "None" }

  case whole
  case table(Inclusion)
  case metadata

  /// Reads `Accept`, which lists shapes by preference. Anything but JSON is answered with JSON.
  init(accept: String, includeObject: String?) {
    for entry in accept.split(separator: ",") {
      let parameters = entry.split(separator: ";").map { $0.drop { $0 == " " } }
      guard let type = parameters.first, type.contains("json") || type == "*/*" else { continue }
      if parameters.contains("as=Table") {
        self = .table(includeObject.flatMap(Inclusion.init(rawValue:)) ?? .metadata)
        return
      }
      if parameters.contains("as=PartialObjectMetadata") || parameters.contains("as=PartialObjectMetadataList") {
        self = .metadata
        return
      }
      break
    }
    self = .whole
  }

  /// One object, as the answer to a request about it.
  func one(_ object: JSONValue, of kind: KindDefinition, now: Date) -> JSONValue {
    switch self {
    case .whole: object
    case .metadata: Self.partial(object)
    case .table(let inclusion):
      Self.table(
        [object], of: kind, inclusion, metadata: Self.version(of: object), hasColumns: true, now: now)
    }
  }

  /// One object in a watch event.
  func event(_ object: JSONValue, of kind: KindDefinition, isFirst: Bool, now: Date) -> JSONValue {
    if case .table(let inclusion) = self {
      return Self.table(
        [object], of: kind, inclusion, metadata: Self.version(of: object), hasColumns: isFirst, now: now)
    }
    return one(object, of: kind, now: now)
  }

  func list(_ objects: [JSONValue], of kind: KindDefinition, metadata: JSONValue, now: Date) -> JSONValue {
    switch self {
    case .whole:
      [
        "apiVersion": .string(kind.type.apiVersion), "kind": .string(kind.listKind), "metadata": metadata,
        "items": .array(objects),
      ]
    case .metadata:
      [
        "apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadataList", "metadata": metadata,
        "items": .array(objects.map(Self.partial)),
      ]
    case .table(let inclusion):
      Self.table(objects, of: kind, inclusion, metadata: metadata, hasColumns: true, now: now)
    }
  }

  private static func table(
    _ objects: [JSONValue], of kind: KindDefinition, _ inclusion: Inclusion, metadata: JSONValue, hasColumns: Bool,
    now: Date
  ) -> JSONValue {
    let rows = objects.map { object -> JSONValue in
      var row: JSONValue = ["cells": .array(kind.columns.map { $0.cell(object, now) })]
      switch inclusion {
      case .metadata: row["object"] = partial(object)
      case .object: row["object"] = object
      case .none: row["object"] = .null
      }
      return row
    }
    return [
      "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": metadata,
      "columnDefinitions": hasColumns ? .array(kind.columns.map(\.definition)) : .null, "rows": .array(rows),
    ]
  }

  private static func partial(_ object: JSONValue) -> JSONValue {
    [
      "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1",
      "metadata": object["metadata"] ?? .emptyObject,
    ]
  }

  private static func version(of object: JSONValue) -> JSONValue {
    ["resourceVersion": object[path: "metadata", "resourceVersion"] ?? ""]
  }
}
