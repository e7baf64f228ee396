package import KubernetesAPI

/// What the node agent reads of one entry of `containers` or `initContainers`.
package struct ContainerSpecification: Sendable, Hashable, Decodable {
  package var name: String
  package var image: String?
  package var command: [String]?
  package var args: [String]?
  package var workingDir: String?
  package var env: [EnvironmentEntry]?
  package var envFrom: [EnvironmentSource]?
  package var ports: [PortSpecification]?
  package var volumeMounts: [VolumeMount]?
  package var resources: ResourceSpecification?
  package var startupProbe: ProbeSpecification?
  package var readinessProbe: ProbeSpecification?
  package var livenessProbe: ProbeSpecification?
  package var lifecycle: LifecycleSpecification?
  /// Only `Always`, and only on an init container: that makes it a native sidecar.
  package var restartPolicy: String?
  package var terminationMessagePolicy: String?

  package init(name: String, image: String? = nil, command: [String]? = nil, args: [String]? = nil) {
    self.name = name
    self.image = image
    self.command = command
    self.args = args
  }

  package func probe(_ kind: ProbeKind) -> ProbeSpecification? {
    switch kind {
    case .startup: startupProbe
    case .readiness: readinessProbe
    case .liveness: livenessProbe
    }
  }

  package func hook(_ kind: HookKind) -> HookSpecification? {
    switch kind {
    case .postStart: lifecycle?.postStart
    case .preStop: lifecycle?.preStop
    }
  }

  /// What the status says of an end, as a kubelet does it under `FallbackToLogsOnError`. A file that the container could
  /// have written it to is not looked at: processes share the node's files, and with them `/dev/termination-log`.
  package func terminationMessage(_ exit: ProcessExit, said: String) -> String? {
    terminationMessagePolicy == "FallbackToLogsOnError" && exit != .exited(code: 0) && !said.isEmpty ? said : nil
  }

  package struct PortSpecification: Sendable, Hashable, Decodable {
    package var name: String?
    package var containerPort: Int
  }

  package struct VolumeMount: Sendable, Hashable, Decodable {
    package var name: String
    package var mountPath: String
    package var subPath: String?
  }

  package struct ResourceSpecification: Sendable, Hashable, Decodable {
    package var limits: [String: JSONValue]?
    package var requests: [String: JSONValue]?
  }

  package struct LifecycleSpecification: Sendable, Hashable, Decodable {
    package var postStart: HookSpecification?
    package var preStop: HookSpecification?

    package init(postStart: HookSpecification? = nil, preStop: HookSpecification? = nil) {
      self.postStart = postStart
      self.preStop = preStop
    }
  }
}

/// One of the three probes that a container may have.
package enum ProbeKind: String, Sendable, Hashable, CaseIterable {
  case startup = "Startup"
  case readiness = "Readiness"
  case liveness = "Liveness"
}

/// One of the two moments at which a container may ask for something to be run.
package enum HookKind: String, Sendable, Hashable {
  case postStart = "PostStart"
  case preStop = "PreStop"
}
