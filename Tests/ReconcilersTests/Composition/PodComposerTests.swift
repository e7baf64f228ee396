import Dataflow
import KubernetesAPI
import Reconcilers
import Testing

@Suite struct PodComposerTests {
  private func pod(_ change: (inout JSONValue) -> Void = { _ in }) -> KubernetesObject {
    let workflow = Fixtures.workflow(spec: change)
    return Fixtures.composer.pod(
      for: workflow, settings: WorkflowSettings(workflow), revision: "abc", name: "wordcount-1", drainToken: "secret")
  }

  private func template(_ spec: inout JSONValue, _ field: String, _ value: JSONValue) {
    spec[path: "template", "spec", field] = value
  }

  private func variables(_ container: JSONValue?) -> [String: String] {
    var result: [String: String] = [:]
    for entry in container?["env"]?.arrayValue ?? [] {
      let value = entry["value"] ?? entry[path: "valueFrom", "fieldRef", "fieldPath"]
      result[entry["name"]?.stringValue ?? ""] = value?.stringValue
    }
    return result
  }

  @Test func belongsToTheWorkflow() {
    let pod = pod()
    #expect(pod.controller?.uid == "workflow-uid")
    #expect(pod.controller?.kind == "Workflow")
    #expect(pod.namespace == "default")
    #expect(
      pod.labels == [
        "pheromone.dev/workflow": "wordcount", "pheromone.dev/revision": "abc",
        "app.kubernetes.io/managed-by": "pheromone",
      ])
    #expect(pod.annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "true")
  }

  @Test func hasANativeSidecar() {
    let sidecar = pod()["spec", "initContainers"]?[0]
    #expect(sidecar?["name"] == "pheromone-sidecar")
    #expect(sidecar?["restartPolicy"] == "Always")
    #expect(sidecar?["command"] == nil)
    #expect(
      variables(sidecar) == [
        "PHEROMONE_SOCKET": "/var/run/pheromone/sidecar.sock", "PHEROMONE_COORDINATOR": "c:8081",
        "PHEROMONE_NAMESPACE": "default", "PHEROMONE_WORKFLOW": "wordcount", "PHEROMONE_REVISION": "abc",
        "PHEROMONE_POD_NAME": "metadata.name", "PHEROMONE_POD_UID": "metadata.uid", "PHEROMONE_POD_IP": "status.podIP",
        "PHEROMONE_SHARED_MEMORY": "268435456", "PHEROMONE_LISTEN": "$(PHEROMONE_POD_IP):7070",
        "PHEROMONE_DRAIN_TOKEN": "secret", "PHEROMONE_GRACE": "60",
      ])
    #expect(sidecar?[path: "startupProbe", "httpGet", "path"] == "/startupz")
    #expect(sidecar?[path: "readinessProbe", "httpGet", "path"] == "/readyz")
    #expect(sidecar?[path: "livenessProbe", "httpGet", "path"] == "/livez")
    let resources: JSONValue = ["requests": ["memory": "335544320"], "limits": ["memory": "335544320"]]
    #expect(sidecar?["resources"] == resources)
    #expect(sidecar?["volumeMounts"]?[0]?["readOnly"] == nil)
  }

  @Test func sidecarsLogAsTheControllerIsTold() {
    let composer = PodComposer(sidecarImage: "s", coordinator: "c:8081", logLevel: "debug", logFormat: "json")
    let workflow = Fixtures.workflow()
    let pod = composer.pod(
      for: workflow, settings: WorkflowSettings(workflow), revision: "abc", name: "n", drainToken: "t")
    let variables = variables(pod["spec", "initContainers"]?[0])
    #expect(variables["PHEROMONE_LOG_LEVEL"] == "debug")
    #expect(variables["PHEROMONE_LOG_FORMAT"] == "json")
  }

  @Test func containersGetSocketEnvironmentAndDrain() {
    let container = pod()["spec", "containers"]?[0]
    #expect(
      variables(container) == [
        "PHEROMONE_SOCKET": "/var/run/pheromone/sidecar.sock", "PHEROMONE_EXECUTORS": "2", "PHEROMONE_CONTAINER": "app",
      ])
    #expect(
      container?["volumeMounts"]?[0] == [
        "name": "pheromone-socket", "mountPath": "/var/run/pheromone", "readOnly": true,
      ])
    let hook: JSONValue = [
      "httpGet": [
        "path": "/drain/app", "port": 7070, "scheme": "HTTP",
        "httpHeaders": [["name": "X-Pheromone-Drain-Token", "value": "secret"]],
      ]
    ]
    #expect(container?[path: "lifecycle", "preStop"] == hook)
    #expect(pod()["spec", "volumes"]?[0]?["name"] == "pheromone-socket")
    #expect(pod()["spec", "initContainers"]?[0]?[path: "lifecycle", "preStop", "httpGet", "path"] == "/drain")
  }

  @Test func silenceBecomesRestricted() {
    let pod = pod()
    #expect(pod["spec", "securityContext"] == ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]])
    for container in (pod["spec", "containers"]?.arrayValue ?? []) + (pod["spec", "initContainers"]?.arrayValue ?? []) {
      #expect(container[path: "securityContext", "allowPrivilegeEscalation"] == false)
      #expect(container[path: "securityContext", "capabilities", "drop"] == ["ALL"])
    }
    #expect(pod["spec", "automountServiceAccountToken"] == false)
    #expect(pod["spec", "restartPolicy"] == "Always")
    #expect(pod["spec", "terminationGracePeriodSeconds"] == 60)
  }

  @Test func explicitValuesWin() {
    let pod = pod { spec in
      template(&spec, "terminationGracePeriodSeconds", 5)
      template(&spec, "serviceAccountName", "robot")
      template(&spec, "securityContext", ["runAsNonRoot": false, "fsGroup": 7])
      template(
        &spec, "containers",
        [
          [
            "name": "app", "env": [["name": "A", "value": "$(PHEROMONE_EXECUTORS)"]],
            "lifecycle": ["preStop": ["exec": ["command": ["true"]]]],
            "securityContext": ["capabilities": ["drop": ["NET_RAW"]], "allowPrivilegeEscalation": true],
          ],
          ["name": "root", "securityContext": ["privileged": true]],
        ])
      spec[path: "sidecar", "resources"] = ["limits": ["memory": "1Gi"]]
      spec[path: "template", "metadata", "labels"] = ["team": "a", "pheromone.dev/workflow": "other"]
      spec[path: "template", "metadata", "annotations"] = ["cluster-autoscaler.kubernetes.io/safe-to-evict": "false"]
    }
    #expect(pod["spec", "terminationGracePeriodSeconds"] == 5)
    #expect(variables(pod["spec", "initContainers"]?[0])["PHEROMONE_GRACE"] == "5")
    #expect(pod["spec", "automountServiceAccountToken"] == nil)
    #expect(pod["spec", "securityContext", "runAsNonRoot"] == false)
    #expect(pod["spec", "securityContext", "fsGroup"] == 7)
    let app = pod["spec", "containers"]?[0]
    #expect(app?["env"]?[3]?["name"] == "A")
    #expect(app?[path: "lifecycle", "preStop", "httpGet"] == nil)
    #expect(app?[path: "securityContext", "capabilities", "drop"] == ["NET_RAW"])
    #expect(app?[path: "securityContext", "allowPrivilegeEscalation"] == true)
    #expect(pod["spec", "containers"]?[1]?["securityContext"] == ["privileged": true])
    #expect(pod["spec", "initContainers"]?[0]?["resources"] == ["limits": ["memory": "1Gi"]])
    #expect(pod.labels["team"] == "a")
    #expect(pod.labels["pheromone.dev/workflow"] == "wordcount")
    #expect(pod.annotations["cluster-autoscaler.kubernetes.io/safe-to-evict"] == "false")
  }

  @Test func reservedNamesAndHiddenSocketsAreFound() {
    let workflow = Fixtures.workflow { spec in
      template(
        &spec, "containers",
        [
          [
            "name": "pheromone-x", "ports": [["containerPort": 7070]], "volumeMounts": [["mountPath": "/var/run/"]],
            "env": [["name": "PHEROMONE_SOCKET", "value": "x"]],
          ]
        ])
      template(&spec, "volumes", [["name": "pheromone-data"]])
      template(&spec, "restartPolicy", "Never")
    }
    #expect(
      PodComposer.findings(in: workflow).map(\.field) == [
        "spec.template.spec.containers[0].name", "spec.template.spec.volumes[0].name",
        "spec.template.spec.containers[0].ports[0]", "spec.template.spec.containers[0].volumeMounts[0].mountPath",
        "spec.template.spec.containers[0].env[0].name", "spec.template.spec.restartPolicy",
      ])
    #expect(PodComposer.findings(in: Fixtures.workflow()).isEmpty)
  }

  @Test func revisionIsOfWhatTheUserMeans() {
    let image = Fixtures.composer.sidecarImage
    func revision(_ image: String = image, _ change: (inout JSONValue) -> Void = { _ in }) -> String {
      Revision.hash(of: WorkflowSettings(Fixtures.workflow(spec: change)), sidecarImage: image)
    }
    #expect(revision() == revision { $0["replicas"] = 7 })
    #expect(revision() == revision { $0["sessionTimeout"] = "1s" })
    #expect(revision() == revision { $0["sharedMemory"] = "268435456" })
    #expect(revision() != revision { $0["executors"] = 3 })
    #expect(revision() != revision { $0["sharedMemory"] = "1Gi" })
    #expect(revision() != revision { $0[path: "template", "metadata", "labels", "a"] = "b" })
    #expect(revision() != revision("other"))
  }
}
