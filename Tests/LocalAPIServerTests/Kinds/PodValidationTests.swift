import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct PodValidationTests {
  struct Case: Sendable {
    /// Where the value goes: `container` or `spec`, and a field.
    var field: String
    var value: JSONValue
    var problem: String

    init(_ field: String, _ value: JSONValue, _ problem: String) {
      self.field = field
      self.value = value
      self.problem = problem
    }
  }

  private static let handler: JSONValue = ["exec": ["command": ["true"]]]

  private static func probe(_ fields: JSONValue) -> JSONValue {
    var probe = handler
    for (name, value) in fields.objectValue ?? [:] { probe[name] = value }
    return probe
  }

  static let refused: [Case] = [
    Case(
      "resources", ["requests": ["cpu": 2], "limits": ["cpu": "1500m"]],
      "resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1500m"),
    Case(
      "resources", ["limits": ["memory": "-1Mi"]],
      "resources.limits[memory]: Invalid value: \"-1Mi\": must be greater than or equal to 0"),
    Case(
      "resources", ["limits": ["gpus": 1]],
      "resources.limits[gpus]: Invalid value: \"gpus\": must be a standard resource type or fully qualified"),
    Case("livenessProbe", ["periodSeconds": 3], "livenessProbe: Required value: must specify a handler type"),
    Case(
      "livenessProbe", probe(["tcpSocket": ["port": 1]]),
      "livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"),
    Case(
      "startupProbe", probe(["successThreshold": 2]), "startupProbe.successThreshold: Invalid value: 2: must be 1"),
    Case(
      "readinessProbe", probe(["periodSeconds": -1]),
      "readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0"),
    Case(
      "readinessProbe", ["httpGet": ["port": 70000, "scheme": "http"]],
      "readinessProbe.httpGet.port: Invalid value: 70000: must be between 1 and 65535, inclusive"),
    Case(
      "readinessProbe", ["httpGet": ["port": 80, "scheme": "http"]],
      "readinessProbe.httpGet.scheme: Unsupported value: \"http\": supported values: \"HTTP\", \"HTTPS\""),
    Case("lifecycle", ["preStop": [:]], "lifecycle.preStop: Required value: must specify a handler type"),
    Case(
      "imagePullPolicy", "Sometimes",
      "imagePullPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"IfNotPresent\", \"Never\""),
    Case(
      "volumeMounts", [["name": "v", "mountPath": "/a"], ["name": "v", "mountPath": "/a"]],
      "volumeMounts[1].mountPath: Invalid value: \"/a\": must be unique"),
    Case(
      "volumeMounts", [["name": "v", "mountPath": "/a", "subPath": "../b"]],
      "volumeMounts[0].subPath: Invalid value: \"../b\": must not contain '..'"),
    Case(
      "ports", [["containerPort": 80, "protocol": "ICMP"]],
      "ports[0].protocol: Unsupported value: \"ICMP\": supported values: \"SCTP\", \"TCP\", \"UDP\""),
    Case(
      "ports", [["containerPort": 80, "name": "a"], ["containerPort": 81, "name": "a"]],
      "ports[1].name: Duplicate value: \"a\""),
    Case(
      "env", [["name": "A", "value": "x", "valueFrom": ["fieldRef": ["fieldPath": "status.podIP"]]]],
      "env[0].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty"),
  ]

  @Test(arguments: refused) func containersAreChecked(_ refused: Case) {
    var harness = Harness()
    var pod = Harness.pod("p")
    var container: JSONValue = ["name": "app", "image": "example:1"]
    container[refused.field] = refused.value
    pod[path: "spec", "containers"] = [container]
    pod[path: "spec", "volumes"] = [["name": "v"]]
    let reply = harness.create(Harness.pods, pod)
    #expect(reply.code == 422)
    #expect(reply.message.contains("spec.containers[0].\(refused.problem)"), "\(reply.message)")
  }

  static let refusedSpecs: [Case] = [
    Case("volumes", [["name": "v"], ["name": "v"]], "spec.volumes[1].name: Duplicate value: \"v\""),
    Case(
      "volumes", [["name": "v", "emptyDir": [:], "configMap": ["name": "c"]]],
      "spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type"),
    Case("volumes", [["name": "v", "secret": [:]]], "spec.volumes[0].secret.secretName: Required value"),
    Case(
      "initContainers", [["name": "i", "image": "x", "readinessProbe": handler]],
      "spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always"
    ),
    Case(
      "dnsPolicy", "Mine",
      "spec.dnsPolicy: Unsupported value: \"Mine\": supported values: \"ClusterFirstWithHostNet\", \"ClusterFirst\", \"Default\", \"None\""
    ),
    Case(
      "activeDeadlineSeconds", 0,
      "spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive"),
    Case(
      "tolerations", [["key": "k", "operator": "Exists", "value": "v"]],
      "value must be empty when `operator` is 'Exists'"),
    Case(
      "tolerations", [["key": "k", "tolerationSeconds": 5]],
      "spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set"),
  ]

  @Test(arguments: refusedSpecs) func specsAreChecked(_ refused: Case) {
    var harness = Harness()
    var pod = Harness.pod("p")
    pod[path: "spec", refused.field] = refused.value
    let reply = harness.create(Harness.pods, pod)
    #expect(reply.code == 422)
    #expect(reply.message.contains(refused.problem), "\(reply.message)")
  }

  @Test func quantitiesAreRead() {
    var harness = Harness()
    var pod = Harness.pod("p")
    func container(_ cpu: JSONValue) -> JSONValue {
      [["name": "app", "image": "example:1", "resources": ["requests": ["cpu": cpu]]]]
    }
    for good in ["1", "100m", ".5", "1e3", "2Ki", 3] as [JSONValue] {
      pod[path: "metadata", "name"] = nil
      pod[path: "metadata", "generateName"] = "p-"
      pod[path: "spec", "containers"] = container(good)
      #expect(harness.create(Harness.pods, pod).code == 201, "\(good.canonicalText)")
    }
    for bad in ["", "one", "1 m", "1mm", "--1"] as [JSONValue] {
      pod[path: "spec", "containers"] = container(bad)
      let reply = harness.create(Harness.pods, pod)
      #expect(reply.code == 400)
      #expect(
        reply.message
          == "Pod in version \"v1\" cannot be handled as a Pod: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
      )
    }
  }

  @Test func whatMayOccurTwiceDoes() {
    var harness = Harness()
    var pod = Harness.pod("p")
    pod[path: "spec", "containers"] = [
      [
        "name": "app", "image": "example:1", "env": [["name": "A", "value": "1"], ["name": "A", "value": "2"]],
        "livenessProbe": ["httpGet": ["port": "http"]], "lifecycle": ["preStop": ["sleep": ["seconds": 1]]],
      ]
    ]
    let reply = harness.create(Harness.pods, pod)
    #expect(reply.code == 201)
    let probe = reply.document[path: "spec", "containers"]?[0]?[path: "livenessProbe", "httpGet"]
    #expect(probe == ["path": "/", "port": "http", "scheme": "HTTP"])
  }
}
