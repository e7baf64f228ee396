import FoundationEssentials
package import KubernetesAPI

/// One line of a watch.
package enum WatchEvent: Sendable, Hashable {
  case added(KubernetesObject)
  case modified(KubernetesObject)
  case deleted(KubernetesObject)
  /// No object changed up to this version.
  case bookmark(resourceVersion: String)
  /// The watch is over; with code 410 the version it asked for is too old and a new list is needed.
  case error(APIStatus)
}

extension WatchEvent {
  /// Reads one line. Nil for an event of a type that this client does not know.
  init?(parsing line: [UInt8]) throws {
    let document = try JSONValue(parsing: .init(line))
    let object = document["object"] ?? .emptyObject
    switch document["type"]?.stringValue {
    case "ADDED": self = .added(KubernetesObject(object))
    case "MODIFIED": self = .modified(KubernetesObject(object))
    case "DELETED": self = .deleted(KubernetesObject(object))
    case "BOOKMARK": self = .bookmark(resourceVersion: KubernetesObject(object).resourceVersion)
    case "ERROR": self = .error(try object.decode())
    default: return nil
    }
  }
}
