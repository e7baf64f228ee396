import KubernetesAPI

/// Services are records: there is no services network here, so none gets a cluster address.
enum ServiceRules {
  static let rules: KindRules = {
    var rules = KindRules()
    rules.zero = ["metadata": [:], "spec": [:], "status": ["loadBalancer": [:]]]
    rules.defaults = { service in
      func fill(_ field: String, _ value: JSONValue) {
        if service[path: "spec", field] == nil { service[path: "spec", field] = value }
      }
      fill("type", "ClusterIP")
      fill("sessionAffinity", "None")
      fill("internalTrafficPolicy", "Cluster")
      let ports = service[path: "spec", "ports"]?.arrayValue ?? []
      if !ports.isEmpty { service[path: "spec", "ports"] = .array(ports.map(completed)) }
    }
    rules.admit = { service, _ in
      if service["status"] == nil { service["status"] = ["loadBalancer": [:]] }
    }
    rules.validate = { service, _ in
      let ports = service[path: "spec", "ports"]?.arrayValue ?? []
      var found: [FieldError] = []
      for (index, port) in ports.enumerated() {
        let path = "spec.ports[\(index)]"
        if let number = port["port"]?.intValue {
          if !(1...65535).contains(number) {
            found.append(
              .invalid("\(path).port", .integer(Int64(number)), "must be between 1 and 65535, inclusive"))
          }
        } else {
          found.append(.required("\(path).port"))
        }
        if ports.count > 1, port["name"] == nil { found.append(.required("\(path).name")) }
      }
      return found
    }
    return rules
  }()

  private static func completed(_ port: JSONValue) -> JSONValue {
    var port = port
    if port["protocol"] == nil { port["protocol"] = "TCP" }
    if port["targetPort"] == nil { port["targetPort"] = port["port"] }
    return port
  }
}
