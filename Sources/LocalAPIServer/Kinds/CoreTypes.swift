/// The types of the built-in kinds. Each list says how it is owned and merged; fields that are not here are unknown
/// fields to this server.
enum CoreTypes {
  static let notation = TypeNotation(metadata + pods + volumes + others)

  private static let metadata = """
    ObjectMeta
      name: string
      generateName: string
      namespace: string
      selfLink: string
      uid: string
      resourceVersion: string
      generation: int
      creationTimestamp: time
      deletionTimestamp: time
      deletionGracePeriodSeconds: int
      labels: map string
      annotations: map string
      ownerReferences: [OwnerReference] by uid
      finalizers: [string] set
      managedFields: [any]
    OwnerReference
      apiVersion: string
      kind: string
      name: string
      uid: string
      controller: bool
      blockOwnerDeletion: bool
    LabelSelector
      matchLabels: map string
      matchExpressions: [LabelRequirement]
    LabelRequirement
      key: string
      operator: string
      values: [string]
    ObjectReference
      apiVersion: string
      kind: string
      namespace: string
      name: string
      uid: string
      resourceVersion: string
      fieldPath: string
    LocalReference
      name: string
    Condition
      type: string
      status: string
      reason: string
      message: string
      observedGeneration: int
      lastProbeTime: time
      lastTransitionTime: time
      lastHeartbeatTime: time
      lastUpdateTime: time

    """

  private static let others = """
    Namespace
      metadata: ObjectMeta
      spec: NamespaceSpec
      status: NamespaceStatus
    NamespaceSpec
      finalizers: [string]
    NamespaceStatus
      phase: string
      conditions: [Condition] by type
    Service
      metadata: ObjectMeta
      spec: ServiceSpec
      status: ServiceStatus
    ServiceSpec
      ports: [ServicePort] by port,protocol
      selector: map string atomic
      clusterIP: string
      clusterIPs: [string]
      type: string
      externalIPs: [string]
      sessionAffinity: string
      sessionAffinityConfig: any
      loadBalancerIP: string
      loadBalancerSourceRanges: [string]
      loadBalancerClass: string
      externalName: string
      externalTrafficPolicy: string
      internalTrafficPolicy: string
      healthCheckNodePort: int
      publishNotReadyAddresses: bool
      allocateLoadBalancerNodePorts: bool
      ipFamilies: [string]
      ipFamilyPolicy: string
      trafficDistribution: string
    ServicePort
      name: string
      protocol: string
      appProtocol: string
      port: int
      targetPort: intOrString
      nodePort: int
    ServiceStatus
      loadBalancer: LoadBalancer
      conditions: [Condition] by type
    LoadBalancer
      ingress: [any]
    ConfigMap
      metadata: ObjectMeta
      data: map string
      binaryData: map string
      immutable: bool
    Secret
      metadata: ObjectMeta
      data: map string
      stringData: map string
      type: string
      immutable: bool
    ServiceAccount
      metadata: ObjectMeta
      secrets: [ObjectReference] by name
      imagePullSecrets: [LocalReference]
      automountServiceAccountToken: bool
    Node
      metadata: ObjectMeta
      spec: NodeSpec
      status: NodeStatus
    NodeSpec
      podCIDR: string
      podCIDRs: [string] set
      providerID: string
      unschedulable: bool
      taints: [any]
      configSource: any
      externalID: string
    NodeStatus
      capacity: map quantity
      allocatable: map quantity
      phase: string
      conditions: [Condition] by type
      addresses: [NodeAddress] by type
      daemonEndpoints: DaemonEndpoints
      nodeInfo: any
      images: [any]
      volumesInUse: [string]
      volumesAttached: [any]
      config: any
      runtimeHandlers: [any]
      features: any
    NodeAddress
      type: string
      address: string
    DaemonEndpoints
      kubeletEndpoint: DaemonEndpoint
    DaemonEndpoint
      Port: int
    CoreEvent
      metadata: ObjectMeta
      involvedObject: ObjectReference atomic
      reason: string
      message: string
      source: EventSource
      firstTimestamp: time
      lastTimestamp: time
      count: int
      type: string
      eventTime: time
      series: EventSeries
      action: string
      related: ObjectReference atomic
      reportingComponent: string
      reportingInstance: string
    EventSource
      component: string
      host: string
    EventSeries
      count: int
      lastObservedTime: time
    Event
      metadata: ObjectMeta
      eventTime: time
      series: EventSeries
      reportingController: string
      reportingInstance: string
      action: string
      reason: string
      regarding: ObjectReference atomic
      related: ObjectReference atomic
      note: string
      type: string
      deprecatedSource: EventSource
      deprecatedFirstTimestamp: time
      deprecatedLastTimestamp: time
      deprecatedCount: int
    Lease
      metadata: ObjectMeta
      spec: LeaseSpec
    LeaseSpec
      holderIdentity: string
      leaseDurationSeconds: int
      acquireTime: time
      renewTime: time
      leaseTransitions: int
      strategy: string
      preferredHolder: string
    CustomResourceDefinition
      metadata: ObjectMeta
      spec: CustomResourceSpec
      status: CustomResourceStatus
    CustomResourceSpec
      group: string
      names: CustomResourceNames
      scope: string
      versions: [any]
      conversion: any
      preserveUnknownFields: bool
    CustomResourceNames
      plural: string
      singular: string
      shortNames: [string]
      kind: string
      listKind: string
      categories: [string]
    CustomResourceStatus
      conditions: [Condition] by type
      acceptedNames: CustomResourceNames
      storedVersions: [string]
      observedGeneration: int
    PodDisruptionBudget
      metadata: ObjectMeta
      spec: DisruptionSpec
      status: DisruptionStatus
    DisruptionStatus
      observedGeneration: int
      disruptedPods: map time
      disruptionsAllowed: int
      currentHealthy: int
      desiredHealthy: int
      expectedPods: int
      conditions: [Condition] by type
    DisruptionSpec
      minAvailable: intOrString
      maxUnavailable: intOrString
      selector: LabelSelector atomic
      unhealthyPodEvictionPolicy: string
    Role
      metadata: ObjectMeta
      rules: [PolicyRule]
    ClusterRole
      metadata: ObjectMeta
      rules: [PolicyRule]
      aggregationRule: any
    PolicyRule
      verbs: [string]
      apiGroups: [string]
      resources: [string]
      resourceNames: [string]
      nonResourceURLs: [string]
    RoleBinding
      metadata: ObjectMeta
      subjects: [Subject]
      roleRef: RoleReference atomic
    Subject
      kind: string
      apiGroup: string
      name: string
      namespace: string
    RoleReference
      apiGroup: string
      kind: string
      name: string
    Deployment
      metadata: ObjectMeta
      spec: DeploymentSpec
      status: any
    DeploymentSpec
      replicas: int
      selector: LabelSelector atomic
      template: PodTemplate
      strategy: DeploymentStrategy
      minReadySeconds: int
      revisionHistoryLimit: int
      paused: bool
      progressDeadlineSeconds: int
    DeploymentStrategy
      type: string
      rollingUpdate: RollingUpdate
    RollingUpdate
      maxSurge: intOrString
      maxUnavailable: intOrString

    """
}
