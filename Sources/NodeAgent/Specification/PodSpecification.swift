package import KubernetesAPI

/// What the node agent reads of a pod's `spec`. Defaults are applied here as well, since an API server may leave them out.
package struct PodSpecification: Sendable, Hashable, Decodable {
  package var containers: [ContainerSpecification]
  package var initContainers: [ContainerSpecification]?
  package var volumes: [VolumeSpecification]?
  package var restartPolicy: RestartPolicy?
  package var terminationGracePeriodSeconds: Int?
  package var activeDeadlineSeconds: Int?
  package var nodeName: String?
  package var nodeSelector: [String: String]?
  package var schedulerName: String?
  package var schedulingGates: [SchedulingGate]?
  package var hostNetwork: Bool?
  package var hostname: String?
  package var serviceAccountName: String?

  package enum RestartPolicy: String, Sendable, Hashable, Decodable {
    case always = "Always"
    case onFailure = "OnFailure"
    case never = "Never"
  }

  package struct SchedulingGate: Sendable, Hashable, Decodable {
    package var name: String
  }

  package init(containers: [ContainerSpecification], initContainers: [ContainerSpecification]? = nil) {
    self.containers = containers
    self.initContainers = initContainers
  }

  package var policy: RestartPolicy { restartPolicy ?? .always }
  package var gracePeriod: Duration { .seconds(max(0, terminationGracePeriodSeconds ?? 30)) }

  /// Init containers and containers, in the order in which they start.
  package var allContainers: [ContainerSpecification] { (initContainers ?? []) + containers }
}

/// The identity of a pod and what it asks for.
package struct PodDescription: Sendable, Hashable {
  package var key: ObjectKey
  package var uid: String
  package var labels: [String: String]
  package var annotations: [String: String]
  package var generation: Int
  package var spec: PodSpecification

  package init(
    key: ObjectKey, uid: String, labels: [String: String] = [:], annotations: [String: String] = [:],
    generation: Int = 0, spec: PodSpecification
  ) {
    self.key = key
    self.uid = uid
    self.labels = labels
    self.annotations = annotations
    self.generation = generation
    self.spec = spec
  }

  package init(_ pod: KubernetesObject) throws {
    self.init(
      key: pod.key, uid: pod.uid, labels: pod.labels, annotations: pod.annotations, generation: pod.generation,
      spec: try (pod["spec"] ?? .emptyObject).decode(PodSpecification.self))
  }

  package var namespace: String { key.namespace ?? "default" }
}
