import FoundationEssentials
package import KubernetesAPI
package import KubernetesClient
package import Logging
import Synchronization

/// Tells people what happened to an object, where `kubectl describe` shows it.
///
/// Never fails: an event that cannot be written is logged. Equal events become a series and their rate is bounded.
package struct EventRecorder: Sendable {
  package enum EventType: String, Sendable {
    case normal = "Normal"
    case warning = "Warning"
  }

  /// Longer notes and reasons are refused by the API.
  private static let maximumNoteBytes = 1024
  private static let maximumReasonCharacters = 128

  private let client: KubernetesClient
  private let controller: String
  private let instance: String
  private let logger: Logger
  private let aggregator: SharedAggregator

  private final class SharedAggregator: Sendable {
    let state = Mutex(EventAggregator())
  }

  /// `controller` is a qualified name such as `pheromone.dev/controller`, `instance` the pod or host.
  package init(client: KubernetesClient, controller: String, instance: String, logger: Logger) {
    self.client = client
    self.controller = controller
    self.instance = String(instance.prefix(128))
    self.logger = logger
    aggregator = SharedAggregator()
  }

  /// `reason` is a word for programs, `message` a sentence for people, `action` what was being done.
  package func record(
    _ type: EventType, reason: String, message: String, regarding object: KubernetesObject, action: String
  ) async {
    let note = Self.bounded(message)
    let kind = EventAggregator.Kind(
      uid: object.uid, name: object.key.description, type: type.rawValue, reason: reason, action: action, note: note)
    let name = "\(object.name.prefix(200)).\(String(UInt64.random(in: .min ... .max), radix: 16))"
    let decision = aggregator.state.withLock { $0.eventHappened(kind, eventName: name, now: .now) }
    do {
      switch decision {
      case .drop: logger.debug("event not written again", metadata: ["reason": .string(reason)])
      case .create: _ = try await client.create(event(named: name, kind, object), .event)
      case .update(let eventName, let count):
        _ = try await client.patch(
          .event, namespace: place(object), name: eventName,
          merge: [
            "series": ["count": .integer(Int64(count)), "lastObservedTime": .string(Timestamp.microseconds(Date()))]
          ])
      }
    } catch {
      aggregator.state.withLock { $0.eventLost(kind) }
      logger.warning(
        "event not written", metadata: ["reason": .string(reason), "note": .string(note), "error": "\(error)"])
    }
  }

  /// Events about objects without a namespace live in `default`.
  private func place(_ object: KubernetesObject) -> String { object.namespace ?? "default" }

  private func event(named name: String, _ kind: EventAggregator.Kind, _ object: KubernetesObject) -> KubernetesObject {
    var event = KubernetesObject(.event, namespace: place(object), name: name)
    event["eventTime"] = .string(Timestamp.microseconds(Date()))
    event["reportingController"] = .string(controller)
    event["reportingInstance"] = .string(instance)
    event["action"] = .string(String(kind.action.prefix(Self.maximumReasonCharacters)))
    event["reason"] = .string(String(kind.reason.prefix(Self.maximumReasonCharacters)))
    event["note"] = .string(kind.note)
    event["type"] = .string(kind.type)
    var regarding: JSONValue = [
      "apiVersion": .string(object.apiVersion), "kind": .string(object.kind), "name": .string(object.name),
      "uid": .string(object.uid), "resourceVersion": .string(object.resourceVersion),
    ]
    regarding["namespace"] = object.namespace.map { .string($0) }
    event["regarding"] = regarding
    return event
  }

  private static func bounded(_ message: String) -> String {
    guard message.utf8.count > maximumNoteBytes else { return message }
    var note = ""
    for character in message {
      if note.utf8.count + String(character).utf8.count > maximumNoteBytes - 3 { break }
      note.append(character)
    }
    return note + "…"
  }
}
