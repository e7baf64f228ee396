import KubernetesAPI
import Reconcilers
import Testing

/// Rendered pods and the profile *restricted*: where a template says nothing against it, the namespace takes the pod; where
/// it does, that stands, and is what the profile finds.
@Suite struct PodSecurityTests {
  /// A change of `spec.template`.
  struct Template: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout JSONValue) -> Void
    /// Fields that break a rule.
    var violations: [String] = []
  }

  private static func pod(_ field: String, _ value: JSONValue) -> @Sendable (inout JSONValue) -> Void {
    { $0[path: "spec", field] = value }
  }

  private static func podContext(_ field: String, _ value: JSONValue) -> @Sendable (inout JSONValue) -> Void {
    { $0[path: "spec", "securityContext", field] = value }
  }

  private static func container(_ field: String, _ value: JSONValue) -> @Sendable (inout JSONValue) -> Void {
    { $0[path: "spec", "containers"] = [["name": "app", "image": "i", field: value]] }
  }

  private static func context(_ field: String, _ value: JSONValue) -> @Sendable (inout JSONValue) -> Void {
    container("securityContext", [field: value])
  }

  static let sound: [Template] = [
    Template(testDescription: "nothing said", change: { _ in }),
    Template(
      testDescription: "several containers",
      change: pod("containers", [["name": "a", "image": "i"], ["name": "b", "image": "i"]])),
    Template(
      testDescription: "init containers and native sidecars",
      change: pod("initContainers", [["name": "i"], ["name": "s", "restartPolicy": "Always"]])),
    Template(testDescription: "an empty context", change: container("securityContext", [:])),
    Template(testDescription: "a user", change: context("runAsUser", 1000)),
    Template(testDescription: "a pod's user", change: podContext("runAsUser", 1000)),
    Template(testDescription: "groups", change: pod("securityContext", ["fsGroup": 2000, "supplementalGroups": [1]])),
    Template(testDescription: "a low port", change: context("capabilities", ["add": ["NET_BIND_SERVICE"]])),
    Template(testDescription: "a local seccomp profile", change: podContext("seccompProfile", ["type": "Localhost"])),
    Template(testDescription: "AppArmor", change: context("appArmorProfile", ["type": "RuntimeDefault"])),
    Template(testDescription: "SELinux", change: context("seLinuxOptions", ["type": "container_t", "level": "s0"])),
    Template(
      testDescription: "a safe sysctl",
      change: podContext("sysctls", [["name": "net.ipv4.ip_unprivileged_port_start", "value": "0"]])),
    Template(testDescription: "ports", change: container("ports", [["containerPort": 8080]])),
    Template(
      testDescription: "volumes",
      change: pod(
        "volumes",
        [
          ["name": "a", "configMap": ["name": "c"]], ["name": "b", "emptyDir": [:]], ["name": "c", "secret": [:]],
          ["name": "d", "persistentVolumeClaim": ["claimName": "p"]], ["name": "e", "projected": [:]],
          ["name": "f", "ephemeral": [:]], ["name": "g", "csi": [:]], ["name": "h", "downwardAPI": [:]],
        ])),
    Template(
      testDescription: "probes and hooks of its own",
      change: container("livenessProbe", ["httpGet": ["path": "/", "port": 8080]])),
  ]

  private static let field = "spec.containers[0].securityContext"

  static let unsound: [Template] = [
    Template(testDescription: "hostNetwork", change: pod("hostNetwork", true), violations: ["spec.hostNetwork"]),
    Template(testDescription: "hostPID", change: pod("hostPID", true), violations: ["spec.hostPID"]),
    Template(testDescription: "hostIPC", change: pod("hostIPC", true), violations: ["spec.hostIPC"]),
    Template(
      testDescription: "hostPort", change: container("ports", [["containerPort": 80, "hostPort": 80]]),
      violations: ["spec.containers[0].ports[0].hostPort"]),
    Template(
      testDescription: "hostPath", change: pod("volumes", [["name": "h", "hostPath": ["path": "/"]]]),
      violations: ["spec.volumes[0].hostPath"]),
    Template(
      testDescription: "nfs", change: pod("volumes", [["name": "h", "nfs": ["path": "/"]]]),
      violations: ["spec.volumes[0].nfs"]),
    Template(
      testDescription: "privileged", change: context("privileged", true),
      violations: ["\(field).privileged", "\(field).allowPrivilegeEscalation", "\(field).capabilities.drop"]),
    Template(
      testDescription: "escalation", change: context("allowPrivilegeEscalation", true),
      violations: ["\(field).allowPrivilegeEscalation"]),
    Template(
      testDescription: "capabilities added", change: context("capabilities", ["add": ["NET_RAW"]]),
      violations: ["\(field).capabilities.add"]),
    Template(
      testDescription: "few capabilities dropped", change: context("capabilities", ["drop": ["KILL"]]),
      violations: ["\(field).capabilities.drop"]),
    Template(
      testDescription: "SELinux type", change: podContext("seLinuxOptions", ["type": "spc_t"]),
      violations: ["spec.securityContext.seLinuxOptions.type"]),
    Template(
      testDescription: "SELinux user and role", change: context("seLinuxOptions", ["user": "u", "role": "r"]),
      violations: ["\(field).seLinuxOptions.user", "\(field).seLinuxOptions.role"]),
    Template(
      testDescription: "procMount", change: context("procMount", "Unmasked"), violations: ["\(field).procMount"]),
    Template(
      testDescription: "a pod's seccomp", change: podContext("seccompProfile", ["type": "Unconfined"]),
      violations: ["spec.securityContext.seccompProfile.type"]),
    Template(
      testDescription: "a container's seccomp", change: context("seccompProfile", ["type": "Unconfined"]),
      violations: ["\(field).seccompProfile.type"]),
    Template(
      testDescription: "a sysctl", change: podContext("sysctls", [["name": "kernel.msgmax", "value": "1"]]),
      violations: ["spec.securityContext.sysctls[0].name"]),
    Template(
      testDescription: "AppArmor", change: context("appArmorProfile", ["type": "Unconfined"]),
      violations: ["\(field).appArmorProfile.type"]),
    Template(
      testDescription: "AppArmor by annotation",
      change: {
        $0[path: "metadata", "annotations"] = ["container.apparmor.security.beta.kubernetes.io/app": "unconfined"]
      }, violations: ["metadata.annotations[container.apparmor.security.beta.kubernetes.io/app]"]),
    Template(
      testDescription: "a Windows host process", change: podContext("windowsOptions", ["hostProcess": true]),
      violations: ["spec.securityContext.windowsOptions.hostProcess"]),
    Template(
      testDescription: "a container that is a Windows host process",
      change: context("windowsOptions", ["hostProcess": true]), violations: ["\(field).windowsOptions.hostProcess"]),
    Template(
      testDescription: "root allowed by the pod", change: podContext("runAsNonRoot", false),
      violations: ["spec.securityContext.runAsNonRoot", "\(field).runAsNonRoot"]),
    Template(
      testDescription: "root allowed by the container", change: context("runAsNonRoot", false),
      violations: ["\(field).runAsNonRoot"]),
    Template(
      testDescription: "the pod is root", change: podContext("runAsUser", 0),
      violations: ["spec.securityContext.runAsUser"]),
    Template(testDescription: "root", change: context("runAsUser", 0), violations: ["\(field).runAsUser"]),
    Template(
      testDescription: "a probe of another host",
      change: container("readinessProbe", ["tcpSocket": ["port": 80, "host": "169.254.169.254"]]),
      violations: ["spec.containers[0].readinessProbe.tcpSocket.host"]),
    Template(
      testDescription: "a hook of another host",
      change: container("lifecycle", ["postStart": ["httpGet": ["port": 80, "host": "h"]]]),
      violations: ["spec.containers[0].lifecycle.postStart.httpGet.host"]),
    Template(
      testDescription: "an init container of the user",
      change: pod("initContainers", [["name": "i", "securityContext": ["privileged": true]]]),
      violations: [
        "spec.initContainers[1].securityContext.privileged",
        "spec.initContainers[1].securityContext.allowPrivilegeEscalation",
        "spec.initContainers[1].securityContext.capabilities.drop",
      ]),
  ]

  @Test(arguments: sound + unsound) func renderedPodsAreJudged(_ template: Template) {
    let workflow = Fixtures.workflow { spec in
      var value = spec["template"] ?? .emptyObject
      template.change(&value)
      spec["template"] = value
    }
    let pod = Fixtures.composer.pod(
      for: workflow, settings: WorkflowSettings(workflow), revision: "r", name: "n", drainToken: "t")
    #expect(Set(RestrictedProfile.violations(pod)) == Set(template.violations))
  }
}
