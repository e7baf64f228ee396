import Dataflow
import KubernetesAPI

extension PodComposer {
  /// A container of the template, with the socket, what the SDK reads from the environment, and its part in draining.
  func functionContainer(_ container: JSONValue, _ context: Context) -> JSONValue {
    var result = Self.telling(Self.secured(container))
    let name = container["name"]?.stringValue ?? ""
    // Ours come first, so that the user's variables may refer to them.
    let own: [JSONValue] = [
      Self.variable("PHEROMONE_SOCKET", Self.socketPath),
      Self.variable("PHEROMONE_EXECUTORS", String(context.settings.executors)),
      Self.variable("PHEROMONE_CONTAINER", name),
    ]
    result["env"] = .array(own + (container["env"]?.arrayValue ?? []))
    result["volumeMounts"] = .array((container["volumeMounts"]?.arrayValue ?? []) + [Self.socketMount(readOnly: true)])
    if container[path: "lifecycle", "preStop"] == nil {
      result[path: "lifecycle", "preStop"] = Self.drainHook("/drain/\(name)", context)
    }
    return result
  }

  /// A container whose end is told in the pod's status, which is what the workflow's conditions are made of.
  static func telling(_ container: JSONValue) -> JSONValue {
    var result = container
    result["terminationMessagePolicy"] = container["terminationMessagePolicy"] ?? "FallbackToLogsOnError"
    return result
  }

  func sidecar(_ context: Context) -> JSONValue {
    let memory = JSONValue.string(String(context.settings.sharedMemory + Self.memoryOverhead))
    return [
      "name": .string(Self.sidecarName),
      "image": .string(sidecarImage),
      "restartPolicy": "Always",
      "env": .array(sidecarEnvironment(context)),
      "ports": [["name": .string(Self.portName), "containerPort": .integer(Int64(Self.port)), "protocol": "TCP"]],
      "volumeMounts": [Self.socketMount(readOnly: false)],
      "resources": context.settings.sidecarResources ?? ["requests": ["memory": memory], "limits": ["memory": memory]],
      // Startup means socket and memory, never executors or the coordinator: they come after it.
      "startupProbe": Self.probe("/startupz", period: 1, failures: 120),
      "readinessProbe": Self.probe("/readyz", period: 1, failures: 1),
      "livenessProbe": Self.probe("/livez", period: 10, failures: 3),
      "lifecycle": ["preStop": Self.drainHook("/drain", context)],
      "terminationMessagePolicy": "FallbackToLogsOnError",
      "securityContext": [
        "runAsNonRoot": true, "runAsUser": 65532, "runAsGroup": 65532, "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
        "seccompProfile": ["type": "RuntimeDefault"],
      ],
    ]
  }

  private func sidecarEnvironment(_ context: Context) -> [JSONValue] {
    let log = [
      logLevel.map { Self.variable("PHEROMONE_LOG_LEVEL", $0) },
      logFormat.map { Self.variable("PHEROMONE_LOG_FORMAT", $0) },
    ]
    return [
      Self.variable("PHEROMONE_SOCKET", Self.socketPath),
      Self.variable("PHEROMONE_COORDINATOR", coordinator),
      Self.variable("PHEROMONE_NAMESPACE", context.workflow.namespace ?? ""),
      Self.variable("PHEROMONE_WORKFLOW", context.workflow.name),
      Self.variable("PHEROMONE_REVISION", context.revision),
      Self.downward("PHEROMONE_POD_NAME", "metadata.name"),
      Self.downward("PHEROMONE_POD_UID", "metadata.uid"),
      Self.downward("PHEROMONE_POD_IP", "status.podIP"),
      Self.variable("PHEROMONE_SHARED_MEMORY", String(context.settings.sharedMemory)),
      Self.variable("PHEROMONE_LISTEN", "$(PHEROMONE_POD_IP):\(Self.port)"),
      Self.variable("PHEROMONE_DRAIN_TOKEN", context.drainToken),
      Self.variable("PHEROMONE_GRACE", String(context.grace)),
    ] + log.compactMap { $0 }
  }

  // MARK: - Parts

  private static func variable(_ name: String, _ value: String) -> JSONValue {
    ["name": .string(name), "value": .string(value)]
  }

  private static func downward(_ name: String, _ field: String) -> JSONValue {
    ["name": .string(name), "valueFrom": ["fieldRef": ["apiVersion": "v1", "fieldPath": .string(field)]]]
  }

  private static func socketMount(readOnly: Bool) -> JSONValue {
    var mount: JSONValue = ["name": .string(socketVolume), "mountPath": .string(socketFolder)]
    if readOnly { mount["readOnly"] = true }
    return mount
  }

  private static func probe(_ path: String, period: Int64, failures: Int64) -> JSONValue {
    [
      "httpGet": ["path": .string(path), "port": .string(portName), "scheme": "HTTP"],
      "periodSeconds": .integer(period), "timeoutSeconds": 2, "failureThreshold": .integer(failures),
    ]
  }

  /// The kubelet asks the sidecar, at the pod's address and by the port's number, since names are those of the
  /// container that the hook belongs to.
  private static func drainHook(_ path: String, _ context: Context) -> JSONValue {
    [
      "httpGet": [
        "path": .string(path), "port": .integer(Int64(port)), "scheme": "HTTP",
        "httpHeaders": [["name": .string(drainHeader), "value": .string(context.drainToken)]],
      ]
    ]
  }
}
