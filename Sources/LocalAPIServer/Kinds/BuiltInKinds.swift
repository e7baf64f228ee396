import FoundationEssentials
import KubernetesAPI

/// The kinds that are there from the start.
enum BuiltInKinds {
  static let all: [KindDefinition] =
    core + [
      plain(.lease, rules: LeaseRules.rules, columns: Columns.lease),
      crd, disruptionBudget, deployment, newEvent,
      plain(rbac("Role", "roles")), plain(rbac("RoleBinding", "rolebindings")),
      plain(rbac("ClusterRole", "clusterroles", namespaced: false)),
      plain(rbac("ClusterRoleBinding", "clusterrolebindings", namespaced: false), shape: "RoleBinding"),
    ]

  private static let core: [KindDefinition] = [
    namespace, pod, service,
    plain(.configMap, short: ["cm"], rules: configMapRules, columns: Columns.configMap),
    plain(.secret, rules: secretRules, columns: Columns.secret),
    plain(.serviceAccount, short: ["sa"], columns: Columns.serviceAccount),
    node, coreEvent,
  ]

  private static let namespace: KindDefinition = {
    var kind = plain(.namespace, short: ["ns"], columns: Columns.namespace)
    kind.hasStatus = true
    kind.names = .label
    kind.canDeleteCollection = false
    kind.rules = rules(zero: ["metadata": [:], "spec": [:], "status": [:]])
    kind.rules.defaults = { namespace in
      namespace[path: "metadata", "labels", "kubernetes.io/metadata.name"] = namespace[path: "metadata", "name"]
    }
    kind.rules.admit = { namespace, _ in
      namespace[path: "spec", "finalizers"] = ["kubernetes"]
      namespace[path: "status", "phase"] = "Active"
    }
    kind.subresources = [.init(name: "finalize", kind: "Namespace", verbs: ["update"])]
    return kind
  }()

  private static let pod: KindDefinition = {
    var kind = plain(.pod, short: ["po"], columns: Columns.pod)
    kind.categories = ["all"]
    kind.hasStatus = true
    kind.tracksGeneration = true
    kind.rules = PodRules.rules
    kind.subresources = [
      .init(name: "binding", kind: "Binding", verbs: ["create"]),
      .init(name: "eviction", kind: "Eviction", group: "policy", version: "v1", verbs: ["create"]),
      .init(name: "log", kind: "Pod", verbs: ["get"]),
      .init(name: "portforward", kind: "PodPortForwardOptions", verbs: ["create", "get"]),
    ]
    return kind
  }()

  private static let service: KindDefinition = {
    var kind = plain(.service, short: ["svc"], columns: Columns.service)
    kind.categories = ["all"]
    kind.hasStatus = true
    kind.names = .label
    kind.rules = ServiceRules.rules
    return kind
  }()

  private static let node: KindDefinition = {
    var kind = plain(.node, short: ["no"], columns: Columns.node)
    kind.hasStatus = true
    kind.rules = rules(zero: [
      "metadata": [:], "spec": [:], "status": ["daemonEndpoints": ["kubeletEndpoint": [:]], "nodeInfo": [:]],
    ])
    return kind
  }()

  private static let coreEvent: KindDefinition = {
    var kind = plain(.coreEvent, short: ["ev"], shape: "CoreEvent", columns: Columns.event)
    kind.rules.zero = ["metadata": [:], "involvedObject": [:], "source": [:]]
    kind.rules.validate = { event, old in EventRules.problems(in: event, old: old, isCore: true) }
    return kind
  }()

  private static let newEvent: KindDefinition = {
    var kind = plain(.event, short: ["ev"], columns: Columns.event)
    kind.storage = coreEvent.storage
    kind.rules = EventMapping.rules
    return kind
  }()

  private static let crd: KindDefinition = {
    var kind = plain(.customResourceDefinition, short: ["crd", "crds"], columns: Columns.customResourceDefinition)
    kind.categories = ["api-extensions"]
    kind.hasStatus = true
    kind.tracksGeneration = true
    kind.rules = CustomKinds.rules
    return kind
  }()

  private static let disruptionBudget: KindDefinition = {
    var kind = plain(
      ResourceType(group: "policy", version: "v1", kind: "PodDisruptionBudget", plural: "poddisruptionbudgets"),
      short: ["pdb"], columns: Columns.disruptionBudget)
    kind.hasStatus = true
    kind.tracksGeneration = true
    kind.rules = DisruptionRules.rules
    return kind
  }()

  private static let deployment: KindDefinition = {
    var kind = plain(
      ResourceType(group: "apps", version: "v1", kind: "Deployment", plural: "deployments"), short: ["deploy"],
      columns: Columns.deployment)
    kind.categories = ["all"]
    kind.hasStatus = true
    kind.tracksGeneration = true
    kind.scale = .init(specReplicas: ["spec", "replicas"], statusReplicas: ["status", "replicas"])
    kind.rules = rules(
      zero: ["metadata": [:], "spec": ["strategy": [:], "template": ["metadata": [:], "spec": [:]]], "status": [:]])
    kind.rules.defaults = { deployment in
      if deployment[path: "spec", "replicas"] == nil { deployment[path: "spec", "replicas"] = 1 }
    }
    kind.notice = "the local cluster stores Deployments but nothing runs them"
    return kind
  }()

  private static let configMapRules: KindRules = {
    var rules = KindRules()
    rules.validate = { KeyedDataRules.problems(in: $0, old: $1, fields: ["data", "binaryData"]) }
    return rules
  }()

  private static let secretRules: KindRules = {
    var rules = KindRules()
    rules.validate = { secret, old in
      var found = KeyedDataRules.problems(in: secret, old: old, fields: ["data"])
      if let old, let type = secret["type"], type != old["type"] {
        found.append(.invalid("type", type, "field is immutable"))
      }
      return found
    }
    rules.defaults = { secret in
      if secret["type"] == nil { secret["type"] = "Opaque" }
      for (key, value) in secret["stringData"]?.objectValue ?? [:] {
        if let text = value.stringValue {
          secret[path: "data", key] = .string(Data(text.utf8).base64EncodedString())
        }
      }
      secret["stringData"] = nil
    }
    return rules
  }()

  private static func rbac(_ kind: String, _ plural: String, namespaced: Bool = true) -> ResourceType {
    ResourceType(
      group: "rbac.authorization.k8s.io", version: "v1", kind: kind, plural: plural, isNamespaced: namespaced)
  }

  private static func rules(zero: JSONValue) -> KindRules {
    var rules = KindRules()
    rules.zero = zero
    return rules
  }

  private static func plain(
    _ type: ResourceType, short: [String] = [], shape: String? = nil, rules: KindRules = KindRules(),
    columns: [Column] = Column.usual
  ) -> KindDefinition {
    var document = CoreTypes.notation.schema(shape ?? type.kind)
    document[path: "properties", "apiVersion"] = ["type": "string"]
    document[path: "properties", "kind"] = ["type": "string"]
    var kind = KindDefinition(
      type: type, singular: type.kind.lowercased(), storage: StorageKey(group: type.group, plural: type.plural),
      schema: Schema(document))
    kind.shortNames = short
    kind.columns = columns
    kind.rules = rules
    if type.group.hasPrefix("rbac") { kind.names = .any }
    return kind
  }
}
