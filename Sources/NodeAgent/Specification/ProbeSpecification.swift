/// What a probe or a hook does to a container.
package struct HookSpecification: Sendable, Hashable, Decodable {
  package var exec: ExecAction?
  package var httpGet: HTTPGetAction?
  package var tcpSocket: TCPSocketAction?
  package var sleep: SleepAction?

  package init(exec: ExecAction? = nil, httpGet: HTTPGetAction? = nil) {
    self.exec = exec
    self.httpGet = httpGet
  }

  package struct ExecAction: Sendable, Hashable, Decodable {
    package var command: [String]?

    package init(command: [String]) { self.command = command }
  }

  package struct HTTPGetAction: Sendable, Hashable, Decodable {
    package var host: String?
    package var port: PortReference
    package var path: String?
    package var scheme: String?
    package var httpHeaders: [Header]?

    package init(port: PortReference, path: String? = nil) {
      self.port = port
      self.path = path
    }
  }

  package struct Header: Sendable, Hashable, Decodable {
    package var name: String
    package var value: String
  }

  package struct TCPSocketAction: Sendable, Hashable, Decodable {
    package var host: String?
    package var port: PortReference
  }

  package struct SleepAction: Sendable, Hashable, Decodable {
    package var seconds: Int
  }
}

/// A port by its number, or by its name in the container's `ports`.
package enum PortReference: Sendable, Hashable, Decodable {
  case number(Int)
  case name(String)

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      self = .number(number)
    } else {
      let text = try container.decode(String.self)
      self = Int(text).map(PortReference.number) ?? .name(text)
    }
  }

  package func resolved(in container: ContainerSpecification) -> Int? {
    switch self {
    case .number(let number): number
    case .name(let name): container.ports?.first { $0.name == name }?.containerPort
    }
  }
}

/// A probe: an action with its rhythm. The defaults are those of Kubernetes.
package struct ProbeSpecification: Sendable, Hashable, Decodable {
  package var action: HookSpecification
  package var initialDelay: Duration
  package var period: Duration
  package var timeout: Duration
  package var successThreshold: Int
  package var failureThreshold: Int
  package var terminationGracePeriod: Duration?

  package init(
    action: HookSpecification, initialDelay: Duration = .zero, period: Duration = .seconds(10),
    timeout: Duration = .seconds(1), successThreshold: Int = 1, failureThreshold: Int = 3,
    terminationGracePeriod: Duration? = nil
  ) {
    self.action = action
    self.initialDelay = initialDelay
    self.period = period
    self.timeout = timeout
    self.successThreshold = successThreshold
    self.failureThreshold = failureThreshold
    self.terminationGracePeriod = terminationGracePeriod
  }

  private enum CodingKeys: String, CodingKey {
    case initialDelaySeconds, periodSeconds, timeoutSeconds, successThreshold, failureThreshold
    case terminationGracePeriodSeconds
  }

  package init(from decoder: any Decoder) throws {
    action = try HookSpecification(from: decoder)
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys, default value: Int, least: Int) throws -> Int {
      // Zero means "not given", as in the API.
      let given = try fields.decodeIfPresent(Int.self, forKey: key) ?? 0
      return max(least, given == 0 ? value : given)
    }
    initialDelay = .seconds(try number(.initialDelaySeconds, default: 0, least: 0))
    period = .seconds(try number(.periodSeconds, default: 10, least: 1))
    timeout = .seconds(try number(.timeoutSeconds, default: 1, least: 1))
    successThreshold = try number(.successThreshold, default: 1, least: 1)
    failureThreshold = try number(.failureThreshold, default: 3, least: 1)
    terminationGracePeriod = try fields.decodeIfPresent(Int.self, forKey: .terminationGracePeriodSeconds)
      .map { .seconds(max(0, $0)) }
  }
}
