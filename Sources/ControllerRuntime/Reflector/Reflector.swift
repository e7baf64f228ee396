package import KubernetesAPI
package import KubernetesClient
package import Logging
import ServiceLifecycle

/// Keeps a store like the API server: one list, then watches from where the last one ended.
package struct Reflector: Service {
  private let client: KubernetesClient
  private let type: ResourceType
  private let namespace: String?
  private let labelSelector: String?
  private let fieldSelector: String?
  private let store: ResourceStore
  private let logger: Logger
  private let backoff: Backoff

  package init(
    client: KubernetesClient, type: ResourceType, namespace: String? = nil, labelSelector: String? = nil,
    fieldSelector: String? = nil, store: ResourceStore, logger: Logger, backoff: Backoff = .reflector
  ) {
    self.client = client
    self.type = type
    self.namespace = namespace
    self.labelSelector = labelSelector
    self.fieldSelector = fieldSelector
    self.store = store
    var logger = logger
    logger[metadataKey: "resource"] = .string(type.plural)
    self.logger = logger
    self.backoff = backoff
  }

  /// Returns on graceful shutdown, throws when cancelled.
  package func run() async throws {
    try await cancelWhenGracefulShutdown {
      do {
        try await reflect()
      } catch is CancellationError where Task.isShuttingDownGracefully {}
    }
  }

  private func reflect() async throws {
    var machine = ReflectorStateMachine(backoff: backoff)
    var action = machine.waited()
    while true {
      try Task.checkCancellation()
      switch action {
      case .list: action = try await list(&machine)
      case .watch(let version): action = try await watch(from: version, &machine)
      case .wait(let duration):
        try await Task.sleep(for: duration)
        action = machine.waited()
      }
    }
  }

  private func list(_ machine: inout ReflectorStateMachine) async throws -> ReflectorStateMachine.Action {
    do {
      let list = try await client.list(
        type, namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector)
      store.replaceAll(list.items)
      logger.debug("listed", metadata: ["count": "\(list.items.count)", "version": .string(list.resourceVersion)])
      return machine.listed(resourceVersion: list.resourceVersion)
    } catch let error as KubernetesError {
      return failed(error, &machine)
    }
  }

  private func watch(
    from version: String, _ machine: inout ReflectorStateMachine
  ) async throws -> ReflectorStateMachine.Action {
    let start = ContinuousClock.now
    var sawAnything = false
    do {
      let events = client.watch(
        type, namespace: namespace, labelSelector: labelSelector, fieldSelector: fieldSelector,
        resourceVersion: version, timeout: .seconds(Int.random(in: 300...600)))
      for try await event in events {
        switch event {
        case .added(let object), .modified(let object):
          store.set(object)
          machine.advanced(to: object.resourceVersion)
        case .deleted(let object):
          store.remove(object.key)
          machine.advanced(to: object.resourceVersion)
        case .bookmark(let version): machine.advanced(to: version)
        case .error(let status): return failed(KubernetesError(status, doing: "watch \(type.plural)"), &machine)
        }
        sawAnything = true
      }
    } catch let error as KubernetesError {
      return failed(error, &machine)
    }
    let wasQuick = !sawAnything && ContinuousClock.now - start < .seconds(1)
    return machine.watchEnded(wasQuick: wasQuick, random: .random(in: 0..<1))
  }

  private func failed(
    _ error: KubernetesError, _ machine: inout ReflectorStateMachine
  ) -> ReflectorStateMachine.Action {
    let random = Double.random(in: 0..<1)
    if error.isExpired {
      logger.info("the server has forgotten the version, listing again")
      return machine.expired(random: random)
    }
    let action = machine.failed(retryAfter: error.retryAfter, random: random)
    logger.warning("will try again", metadata: ["error": .string(error.message), "next": "\(action)"])
    return action
  }
}
