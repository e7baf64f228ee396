import KubernetesAPI

/// What people apply: workflows of three functions and two buckets, in namespaces of a hundred.
struct Scene: Sendable {
  var workflows: Int
  var replicas: Int

  static let workflowsPerNamespace = 100

  var namespaces: [String] {
    (0...(max(1, workflows) - 1) / Self.workflowsPerNamespace).map { Self.namespace($0 * Self.workflowsPerNamespace) }
  }

  static func namespace(_ number: Int) -> String { "bench-\(number / workflowsPerNamespace)" }

  func documents(_ number: Int) -> [(KubernetesObject, ResourceType)] {
    let (namespace, name) = (Self.namespace(number), "flow-\(number)")
    var workflow = KubernetesObject(.workflow, namespace: namespace, name: name)
    workflow["spec"] = [
      "replicas": .integer(Int64(replicas)), "entry": "split",
      "functions": [
        ["name": "split", "outputs": [.string("\(name)-words")]],
        ["name": "count", "outputs": [.string("\(name)-counts")]], ["name": "merge", "outputs": []],
      ],
      "template": ["spec": ["containers": [["name": "app", "image": "ghcr.io/pheromone-dev/wordcount:0.1.0"]]]],
    ]
    return [
      (workflow, .workflow),
      bucket("\(name)-words", of: name, namespace, ["name": "count-each", "target": "count", "immediate": [:]]),
      bucket(
        "\(name)-counts", of: name, namespace,
        ["name": "merge-all", "target": "merge", "dynamicJoin": ["announcedBy": ["split"]]]),
    ]
  }

  private func bucket(
    _ name: String, of workflow: String, _ namespace: String, _ trigger: JSONValue
  ) -> (KubernetesObject, ResourceType) {
    var bucket = KubernetesObject(.bucket, namespace: namespace, name: name)
    bucket["spec"] = ["workflow": .string(workflow), "triggers": [trigger]]
    return (bucket, .bucket)
  }
}
