import FoundationEssentials
import Hummingbird
import HummingbirdCore
package import KubernetesAPI
package import Logging
import NIOCore
import ServiceLifecycle

/// The API server of the local cluster: in memory, one implementation for all kinds, on loopback, without TLS. It is a
/// development aid: rules in CEL are not evaluated, nobody is authorized or refused but other users of the machine, and
/// nothing survives its end.
package struct LocalAPIServer: Service {
  package struct Configuration: Sendable {
    package var host: String
    /// 0 for any free port.
    package var port: Int
    package var logger: Logger
    /// Whether connections of other users of this machine are refused.
    package var checksPeers: Bool
    /// Nil for no audit log.
    package var audit: AuditSettings?

    package init(host: String = "127.0.0.1", port: Int, logger: Logger, checksPeers: Bool = true) {
      self.host = host
      self.port = port
      self.logger = logger
      self.checksPeers = checksPeers
    }
  }

  /// Why an object could not be put in place before the start.
  package struct InstallationError: Error, CustomStringConvertible {
    package var description: String
  }

  private let configuration: Configuration
  private let core: ServerCore
  private let port = BoundPort()

  /// Namespaces `default` and `kube-system` are there from the start.
  package init(configuration: Configuration) {
    self.configuration = configuration
    // A clock in the revision makes clients of an earlier server list again instead of waiting for its revisions.
    let now = Date()
    let milliseconds = UInt64(now.timeIntervalSince1970 * 1000)
    core = ServerCore(
      cluster: ClusterState(revision: milliseconds, seed: .random(in: .min ... .max)),
      audit: configuration.audit.map { AuditLog($0, logger: configuration.logger) })
    for name in ["default", "kube-system"] {
      let namespace: JSONValue = ["metadata": ["name": .string(name)]]
      _ = core.prepare(
        APIRequest(
          method: "POST", path: "/api/v1/namespaces", userAgent: "pheromone", body: namespace.canonicalData()), now: now
      )
    }
  }

  /// Serves the kinds of these definitions, as if they had been applied.
  package func install(customResourceDefinitions definitions: [JSONValue]) throws {
    let path = ResourceType.customResourceDefinition.path()
    for definition in definitions {
      let name = definition[path: "metadata", "name"]?.stringValue ?? ""
      let reply = core.prepare(
        APIRequest(
          method: "PATCH", path: "\(path)/\(name)", query: ["fieldManager": "pheromone", "force": "true"],
          contentType: "application/apply-patch+yaml", body: definition.canonicalData()), now: Date())
      if case .answer(.document(let code, let document, _, _)) = reply, code >= 300 {
        throw InstallationError(
          description: "definition \"\(name)\" is refused: \(document["message"]?.stringValue ?? "HTTP \(code)")")
      }
    }
  }

  /// The port, as soon as the server listens.
  package func boundPort() async throws -> Int { try await port.value() }

  package func run() async throws {
    let peers = PeerCheck(isActive: configuration.checksPeers)
    let responder = APIResponder(
      core: core, peers: peers, logs: PodLogs(logger: configuration.logger), logger: configuration.logger)
    let application = Application(
      responder: responder,
      server: HTTPServerBuilder { [core] respond in
        APIConnection(http: HTTP1Channel(responder: respond), core: core, peers: peers)
      },
      configuration: .init(
        address: .hostname(configuration.host, port: configuration.port), serverName: nil),
      onServerRunning: { [port] channel in port.settle(.success(channel.localAddress?.port ?? 0)) },
      logger: configuration.logger)
    do {
      try await withGracefulShutdownHandler {
        try await withThrowingTaskGroup(of: Void.self) { group in
          group.addTask { try await application.run() }
          group.addTask { [core] in
            while !Task.isCancelled {
              try await Task.sleep(for: .seconds(1))
              core.tick(now: Date())
            }
          }
          defer { group.cancelAll() }
          try await group.next()
        }
      } onGracefulShutdown: { [core] in
        core.close()
      }
    } catch {
      port.settle(.failure(error))
      throw error
    }
  }
}
