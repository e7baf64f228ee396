import KubernetesAPI

/// The Pod Security Standard *restricted* as Kubernetes 1.36 has it, what *baseline* forbids included: every field that it
/// names, with what it may hold. Volumes, capabilities and users are judged for Linux.
///
/// Source: kubernetes.io/docs/concepts/security/pod-security-standards.
enum RestrictedProfile {
  /// The paths of all fields that break a rule; empty for a pod that the profile admits.
  static func violations(_ pod: KubernetesObject) -> [String] {
    let spec = pod["spec"] ?? .emptyObject
    var violations: [String] = []
    for name in ["hostNetwork", "hostPID", "hostIPC"] where spec[name]?.boolValue == true {
      violations.append("spec.\(name)")
    }
    if let context = spec["securityContext"] { violations += shared(context, "spec.securityContext") }
    violations += sysctls(spec) + volumes(spec) + appArmorAnnotations(pod)
    for list in ["initContainers", "containers", "ephemeralContainers"] {
      for (index, entry) in (spec[list]?.arrayValue ?? []).enumerated() {
        violations += container(entry, "spec.\(list)[\(index)]", pod: spec["securityContext"] ?? .emptyObject)
      }
    }
    return violations
  }

  // MARK: - What a pod's and a container's security context have in common

  private static let seLinuxTypes = ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"]

  private static func shared(_ context: JSONValue, _ path: String) -> [String] {
    var violations: [String] = []
    if context[path: "windowsOptions", "hostProcess"]?.boolValue == true {
      violations.append("\(path).windowsOptions.hostProcess")
    }
    if let type = context[path: "seLinuxOptions", "type"]?.stringValue, !seLinuxTypes.contains(type) {
      violations.append("\(path).seLinuxOptions.type")
    }
    for name in ["user", "role"] where context[path: "seLinuxOptions", name]?.stringValue?.isEmpty == false {
      violations.append("\(path).seLinuxOptions.\(name)")
    }
    if let type = context[path: "seccompProfile", "type"]?.stringValue, !["RuntimeDefault", "Localhost"].contains(type)
    {
      violations.append("\(path).seccompProfile.type")
    }
    if let type = context[path: "appArmorProfile", "type"]?.stringValue,
      !["RuntimeDefault", "Localhost"].contains(type)
    {
      violations.append("\(path).appArmorProfile.type")
    }
    if context["runAsNonRoot"]?.boolValue == false { violations.append("\(path).runAsNonRoot") }
    if context["runAsUser"]?.intValue == 0 { violations.append("\(path).runAsUser") }
    return violations
  }

  // MARK: - Containers

  private static func container(_ container: JSONValue, _ path: String, pod: JSONValue) -> [String] {
    let context = container["securityContext"] ?? .emptyObject
    let field = "\(path).securityContext"
    var violations = shared(context, field)
    if context["privileged"]?.boolValue == true { violations.append("\(field).privileged") }
    if context["allowPrivilegeEscalation"]?.boolValue != false {
      violations.append("\(field).allowPrivilegeEscalation")
    }
    if let mount = context["procMount"]?.stringValue, mount != "Default" { violations.append("\(field).procMount") }
    let added = context[path: "capabilities", "add"]?.arrayValue ?? []
    if !added.allSatisfy({ $0 == "NET_BIND_SERVICE" }) { violations.append("\(field).capabilities.add") }
    let dropped = context[path: "capabilities", "drop"]?.arrayValue ?? []
    if !dropped.contains("ALL") { violations.append("\(field).capabilities.drop") }
    // These have to be said, by the pod or by the container.
    if context["runAsNonRoot"] == nil, pod["runAsNonRoot"]?.boolValue != true {
      violations.append("\(field).runAsNonRoot")
    }
    if context["seccompProfile"] == nil, pod["seccompProfile"] == nil { violations.append("\(field).seccompProfile") }
    for (index, port) in (container["ports"]?.arrayValue ?? []).enumerated()
    where (port["hostPort"]?.intValue ?? 0) != 0 {
      violations.append("\(path).ports[\(index)].hostPort")
    }
    return violations + hosts(container, path)
  }

  /// Probes and hooks ask the pod itself, and no other host.
  private static func hosts(_ container: JSONValue, _ path: String) -> [String] {
    let probes = ["livenessProbe", "readinessProbe", "startupProbe"].map { (container[$0], "\(path).\($0)") }
    let hooks = ["postStart", "preStop"].map { (container[path: "lifecycle", $0], "\(path).lifecycle.\($0)") }
    var violations: [String] = []
    for (asks, field) in probes + hooks {
      for way in ["httpGet", "tcpSocket"] where asks?[path: way, "host"]?.stringValue?.isEmpty == false {
        violations.append("\(field).\(way).host")
      }
    }
    return violations
  }

  // MARK: - The pod's own

  private static let safeSysctls: Set<String> = [
    "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies", "net.ipv4.tcp_wmem",
  ]

  private static func sysctls(_ spec: JSONValue) -> [String] {
    (spec[path: "securityContext", "sysctls"]?.arrayValue ?? []).enumerated()
      .filter { !safeSysctls.contains($1["name"]?.stringValue ?? "") }
      .map { "spec.securityContext.sysctls[\($0.offset)].name" }
  }

  private static let volumeTypes: Set<String> = [
    "configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
  ]

  private static func volumes(_ spec: JSONValue) -> [String] {
    (spec["volumes"]?.arrayValue ?? []).enumerated().flatMap { index, volume in
      (volume.objectValue ?? [:]).keys.filter { $0 != "name" && !volumeTypes.contains($0) }
        .map { "spec.volumes[\(index)].\($0)" }
    }
  }

  private static func appArmorAnnotations(_ pod: KubernetesObject) -> [String] {
    pod.annotations.filter { name, value in
      name.hasPrefix("container.apparmor.security.beta.kubernetes.io/") && value != "runtime/default" && !value.isEmpty
        && !value.hasPrefix("localhost/")
    }
    .keys.map { "metadata.annotations[\($0)]" }
  }
}
