extension CoreTypes {
  /// Pods and what is in them.
  static let pods = """
    PodTemplate
      metadata: ObjectMeta
      spec: PodSpec
    PodSpec
      volumes: [Volume] by name
      initContainers: [Container] by name
      containers: [Container] by name
      ephemeralContainers: [Container] by name
      restartPolicy: string
      terminationGracePeriodSeconds: int
      activeDeadlineSeconds: int
      dnsPolicy: string
      dnsConfig: any
      nodeSelector: map string atomic
      serviceAccountName: string
      serviceAccount: string
      automountServiceAccountToken: bool
      nodeName: string
      hostNetwork: bool
      hostPID: bool
      hostIPC: bool
      hostUsers: bool
      hostname: string
      hostnameOverride: string
      subdomain: string
      setHostnameAsFQDN: bool
      shareProcessNamespace: bool
      securityContext: PodSecurity
      imagePullSecrets: [LocalReference] by name
      affinity: any
      schedulerName: string
      schedulingGates: [LocalReference] by name
      tolerations: [Toleration]
      hostAliases: [HostAlias] by ip
      priorityClassName: string
      priority: int
      preemptionPolicy: string
      readinessGates: [ReadinessGate]
      runtimeClassName: string
      enableServiceLinks: bool
      overhead: map quantity
      topologySpreadConstraints: [TopologySpread] by topologyKey,whenUnsatisfiable
      os: LocalReference
      resourceClaims: [any]
      resources: Resources
    PodSecurity
      runAsUser: int
      runAsGroup: int
      runAsNonRoot: bool
      fsGroup: int
      fsGroupChangePolicy: string
      supplementalGroups: [int]
      supplementalGroupsPolicy: string
      seccompProfile: any
      appArmorProfile: any
      seLinuxOptions: any
      seLinuxChangePolicy: string
      sysctls: [any]
      windowsOptions: any
    Toleration
      key: string
      operator: string
      value: string
      effect: string
      tolerationSeconds: int
    HostAlias
      ip: string
      hostnames: [string]
    ReadinessGate
      conditionType: string
    TopologySpread
      maxSkew: int
      minDomains: int
      topologyKey: string
      whenUnsatisfiable: string
      labelSelector: LabelSelector atomic
      matchLabelKeys: [string]
      nodeAffinityPolicy: string
      nodeTaintsPolicy: string
    Container
      name: string
      image: string
      command: [string]
      args: [string]
      workingDir: string
      ports: [ContainerPort] by containerPort,protocol
      envFrom: [EnvFrom]
      env: [EnvVar] by name
      resources: Resources
      resizePolicy: [any]
      restartPolicy: string
      restartPolicyRules: [any]
      volumeMounts: [VolumeMount] by mountPath
      volumeDevices: [any]
      livenessProbe: Probe
      readinessProbe: Probe
      startupProbe: Probe
      lifecycle: Lifecycle
      terminationMessagePath: string
      terminationMessagePolicy: string
      imagePullPolicy: string
      securityContext: ContainerSecurity
      stdin: bool
      stdinOnce: bool
      tty: bool
      targetContainerName: string
    ContainerPort
      name: string
      hostPort: int
      containerPort: int
      protocol: string
      hostIP: string
    EnvFrom
      prefix: string
      configMapRef: OptionalReference
      secretRef: OptionalReference
    OptionalReference
      name: string
      optional: bool
    EnvVar
      name: string
      value: string
      valueFrom: EnvSource
    EnvSource
      fieldRef: FieldReference atomic
      resourceFieldRef: ResourceFieldReference atomic
      configMapKeyRef: KeyReference atomic
      secretKeyRef: KeyReference atomic
      fileKeyRef: any
    FieldReference
      apiVersion: string
      fieldPath: string
    ResourceFieldReference
      containerName: string
      resource: string
      divisor: quantity
    KeyReference
      name: string
      key: string
      optional: bool
    Resources
      limits: map quantity
      requests: map quantity
      claims: [any]
    VolumeMount
      name: string
      readOnly: bool
      recursiveReadOnly: string
      mountPath: string
      subPath: string
      subPathExpr: string
      mountPropagation: string
    Probe
      exec: Exec
      httpGet: HTTPGet
      tcpSocket: Socket
      grpc: GRPC
      initialDelaySeconds: int
      timeoutSeconds: int
      periodSeconds: int
      successThreshold: int
      failureThreshold: int
      terminationGracePeriodSeconds: int
    Exec
      command: [string]
    HTTPGet
      path: string
      port: intOrString
      host: string
      scheme: string
      httpHeaders: [HTTPHeader]
    HTTPHeader
      name: string
      value: string
    Socket
      port: intOrString
      host: string
    GRPC
      port: int
      service: string
    Sleep
      seconds: int
    Lifecycle
      postStart: LifecycleAction
      preStop: LifecycleAction
      stopSignal: string
    LifecycleAction
      exec: Exec
      httpGet: HTTPGet
      tcpSocket: Socket
      sleep: Sleep
    ContainerSecurity
      allowPrivilegeEscalation: bool
      capabilities: Capabilities
      privileged: bool
      procMount: string
      readOnlyRootFilesystem: bool
      runAsUser: int
      runAsGroup: int
      runAsNonRoot: bool
      seccompProfile: any
      appArmorProfile: any
      seLinuxOptions: any
      windowsOptions: any
    Capabilities
      add: [string]
      drop: [string]
    PodStatus
      observedGeneration: int
      phase: string
      conditions: [Condition] by type
      message: string
      reason: string
      nominatedNodeName: string
      hostIP: string
      hostIPs: [IP]
      podIP: string
      podIPs: [IP] by ip
      startTime: time
      initContainerStatuses: [any]
      containerStatuses: [any]
      ephemeralContainerStatuses: [any]
      qosClass: string
      resize: string
      resourceClaimStatuses: [any]
    IP
      ip: string
    Pod
      metadata: ObjectMeta
      spec: PodSpec
      status: PodStatus

    """

  static let volumes = """
    Volume
      name: string
      emptyDir: EmptyDir
      configMap: ConfigMapSource
      secret: SecretSource
      projected: Projected
      downwardAPI: DownwardAPI
      hostPath: HostPath
      persistentVolumeClaim: any
      ephemeral: any
      csi: any
      nfs: any
      image: any
    EmptyDir
      medium: string
      sizeLimit: quantity
    ConfigMapSource
      name: string
      items: [KeyToPath]
      defaultMode: int
      optional: bool
    SecretSource
      secretName: string
      items: [KeyToPath]
      defaultMode: int
      optional: bool
    KeyToPath
      key: string
      path: string
      mode: int
    Projected
      sources: [any]
      defaultMode: int
    DownwardAPI
      items: [any]
      defaultMode: int
    HostPath
      path: string
      type: string

    """
}
