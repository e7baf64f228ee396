import ControllerRuntime
import Hummingbird
package import KubernetesClient
package import Logging
import ServiceLifecycle

/// The coordinator of one process: the ingress always, and while this replica leads all the rest.
package struct CoordinatorService: Service {
  package struct Settings: Sendable {
    package var namespace: String
    package var identity: String
    package var ingress: (host: String, port: Int)
    package var links: (host: String, port: Int)
    package var maxPayload: Int
    /// The only namespace whose workflows are served; nil means all of them.
    package var watchNamespace: String?

    package init(
      namespace: String, identity: String, ingress: (host: String, port: Int), links: (host: String, port: Int),
      maxPayload: Int, watchNamespace: String? = nil
    ) {
      self.namespace = namespace
      self.identity = identity
      self.ingress = ingress
      self.links = links
      self.maxPayload = maxPayload
      self.watchNamespace = watchNamespace
    }
  }

  private let client: KubernetesClient
  private let settings: Settings
  private let logger: Logger

  package init(client: KubernetesClient, settings: Settings, logger: Logger) {
    self.client = client
    self.settings = settings
    self.logger = logger
  }

  package func run() async throws {
    let ingress = Ingress(maxPayload: settings.maxPayload, logger: logger)
    let door = Application(
      router: ingress.router(),
      // A connection that sends nothing, or not the rest of its request, is closed; one that waits for an answer is not.
      server: .http1(configuration: .init(idleTimeout: .seconds(60))),
      configuration: ApplicationConfiguration(
        address: .hostname(settings.ingress.host, port: settings.ingress.port), serverName: "pheromone-coordinator"),
      logger: logger)
    let elector = LeaderElector(
      client: client, namespace: settings.namespace, name: "pheromone-coordinator", identity: settings.identity,
      logger: logger
    ) { [self] in
      try await lead(ingress)
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: door), .init(service: elector)], logger: logger))
    try await group.run()
  }

  /// One term: begins with empty tables, which the pods' registrations fill.
  private func lead(_ ingress: Ingress) async throws {
    let broker = SessionBroker(logger: logger)
    ingress.serve(broker)
    defer {
      ingress.serve(nil)
      broker.stop()
    }
    let watch = ClusterWatch(
      client: client, broker: broker, namespace: settings.watchNamespace, logger: logger)
    let events = EventRecorder(
      client: client, controller: "pheromone.dev/coordinator", instance: settings.identity, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await watch.run() }
      group.addTask { try await StatusWriter(client: client, broker: broker, logger: logger).run() }
      group.addTask { try await DeadLetterReporter(broker: broker, events: events, bucket: watch.bucket).run() }
      group.addTask {
        try await LinkListener(broker: broker, logger: logger).run(host: settings.links.host, port: settings.links.port)
      }
      group.addTask { try await Self.tick(broker) }
      defer { group.cancelAll() }
      // None of them ends by itself: the first to end ends all.
      try await group.next()
    }
  }

  package static func tick(_ broker: SessionBroker) async throws {
    while true {
      try await Task.sleep(for: .milliseconds(200))
      broker.timePassed()
    }
  }
}
