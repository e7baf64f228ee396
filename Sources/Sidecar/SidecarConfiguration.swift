package import SharedMemory

/// What a sidecar is told by its environment. The controller writes these variables into every executor pod.
package struct SidecarConfiguration: Sendable {
  package var socketPath: String
  package var coordinator: LinkAddress
  package var listen: HostAndPort
  package var namespace: String
  package var workflow: String
  package var revision: String
  package var podName: String
  package var podUID: String
  /// Object memory, in bytes.
  package var sharedMemory: Int
  /// What a preStop hook has to send.
  package var drainToken: String
  /// The pod's termination grace.
  package var grace: Duration
  /// How long idle threads spin, and how many.
  package var spinning: SpinSettings

  package struct HostAndPort: Sendable, Hashable, CustomStringConvertible {
    package var host: String
    package var port: Int

    /// Reads `host:port` or `[v6]:port`.
    package init?(_ text: String) {
      guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
        (1...65535).contains(port)
      else { return nil }
      var host = text[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      guard !host.isEmpty else { return nil }
      self.host = String(host)
      self.port = port
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  /// A variable that is missing or makes no sense.
  package struct Problem: Error, CustomStringConvertible {
    package var description: String
  }

  package init(environment: [String: String]) throws {
    func value(_ name: String) throws -> String {
      guard let value = environment[name], !value.isEmpty else {
        throw Problem(
          description:
            "\(name) is not set. pheromone-sidecar runs inside executor pods, where pheromone-controller sets "
            + "its environment; see pheromone-sidecar --help")
      }
      return value
    }
    func address(_ name: String) throws -> HostAndPort {
      let text = try value(name)
      guard let address = HostAndPort(text) else {
        throw Problem(description: "\(name) is \"\(text)\"; write host:port")
      }
      return address
    }
    func number(_ name: String, default standard: Int? = nil) throws -> Int {
      if let standard, environment[name] == nil { return standard }
      let text = try value(name)
      guard let number = Int(text), number > 0 else {
        throw Problem(description: "\(name) is \"\(text)\"; write a whole number above zero")
      }
      return number
    }
    socketPath = try value("PHEROMONE_SOCKET")
    let target = try value("PHEROMONE_COORDINATOR")
    guard let link = LinkAddress(target) else {
      throw Problem(description: "PHEROMONE_COORDINATOR is \"\(target)\"; write host:port, or unix: and a path")
    }
    coordinator = link
    listen = try address("PHEROMONE_LISTEN")
    namespace = try value("PHEROMONE_NAMESPACE")
    workflow = try value("PHEROMONE_WORKFLOW")
    revision = try value("PHEROMONE_REVISION")
    podName = try value("PHEROMONE_POD_NAME")
    podUID = try value("PHEROMONE_POD_UID")
    sharedMemory = try number("PHEROMONE_SHARED_MEMORY")
    drainToken = try value("PHEROMONE_DRAIN_TOKEN")
    grace = .seconds(try number("PHEROMONE_GRACE", default: 60))
    spinning = try SpinSettings(environment: environment)
  }
}
