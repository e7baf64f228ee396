import KubernetesAPI

/// What a real API server refuses about a container of a pod.
enum ContainerValidation {
  static func problems(
    in container: JSONValue, at path: String, volumes: Set<String>, isInitial: Bool
  ) -> [FieldError] {
    var found: [FieldError] = []
    if let name = container["name"]?.stringValue, !name.isEmpty {
      if let problem = NameRule.label.problem(with: name) {
        found.append(.invalid("\(path).name", .string(name), problem))
      }
    } else {
      found.append(.required("\(path).name"))
    }
    if container["image"]?.stringValue?.isEmpty ?? true { found.append(.required("\(path).image")) }
    for (field, values) in enumerations {
      found += FieldError.unless(container[field], isOneOf: values, at: "\(path).\(field)")
    }
    found += ports(container, at: path)
    found += environment(container, at: path)
    found += mounts(container, at: path, volumes: volumes)
    let actions = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
    if isInitial, container["restartPolicy"] != "Always" {
      found += actions.filter { container[$0] != nil }.map {
        .forbidden("\(path).\($0)", "may not be set for init containers without restartPolicy=Always")
      }
    } else {
      found += ActionValidation.problems(in: container, at: path)
    }
    found += resources(container["resources"] ?? .emptyObject, at: "\(path).resources")
    if container[path: "securityContext", "privileged"]?.boolValue == true,
      container[path: "securityContext", "allowPrivilegeEscalation"]?.boolValue == false
    {
      found.append(
        .invalid(
          "\(path).securityContext", container["securityContext"] ?? .null,
          "cannot set `allowPrivilegeEscalation` to false and `privileged` to true"))
    }
    return found
  }

  private static let enumerations: [(field: String, values: [JSONValue])] = [
    ("imagePullPolicy", ["Always", "IfNotPresent", "Never"]),
    ("terminationMessagePolicy", ["FallbackToLogsOnError", "File"]),
  ]

  private static func ports(_ container: JSONValue, at path: String) -> [FieldError] {
    var found: [FieldError] = []
    var names: Set<String> = []
    for (index, port) in (container["ports"]?.arrayValue ?? []).enumerated() {
      let place = "\(path).ports[\(index)]"
      if let name = port["name"]?.stringValue, !name.isEmpty {
        found += ActionValidation.portNameProblems(name).map { .invalid("\(place).name", .string(name), $0) }
        if !names.insert(name).inserted { found.append(.duplicate("\(place).name", .string(name))) }
      }
      let number = port["containerPort"]?.intValue ?? 0
      if number == 0 { found.append(.required("\(place).containerPort")) }
      for field in ["containerPort", "hostPort"] {
        guard let number = port[field]?.intValue, number != 0, !(1...65535).contains(number) else { continue }
        found.append(
          .invalid("\(place).\(field)", .integer(Int64(number)), "must be between 1 and 65535, inclusive"))
      }
      found += FieldError.unless(port["protocol"], isOneOf: ["SCTP", "TCP", "UDP"], at: "\(place).protocol")
    }
    return found
  }

  private static func environment(_ container: JSONValue, at path: String) -> [FieldError] {
    var found: [FieldError] = []
    for (index, variable) in (container["env"]?.arrayValue ?? []).enumerated() {
      let place = "\(path).env[\(index)]"
      if variable["name"]?.stringValue?.isEmpty ?? true { found.append(.required("\(place).name")) }
      guard let source = variable["valueFrom"]?.objectValue else { continue }
      if variable["value"]?.stringValue?.isEmpty == false {
        found.append(.invalid("\(place).valueFrom", "", "may not be specified when `value` is not empty"))
      }
      if source.count > 1 {
        found.append(.invalid("\(place).valueFrom", "", "may not have more than one field specified at a time"))
      }
    }
    return found
  }

  private static func mounts(_ container: JSONValue, at path: String, volumes: Set<String>) -> [FieldError] {
    var found: [FieldError] = []
    var paths: Set<String> = []
    for (index, mount) in (container["volumeMounts"]?.arrayValue ?? []).enumerated() {
      let place = "\(path).volumeMounts[\(index)]"
      let name = mount["name"]?.stringValue ?? ""
      if name.isEmpty { found.append(.required("\(place).name")) }
      if !volumes.contains(name) {
        found.append(
          FieldError(
            problem: .notFound, path: "\(place).name", body: "Not found: \(JSONValue.string(name).canonicalText)"))
      }
      let folder = mount["mountPath"]?.stringValue ?? ""
      if folder.isEmpty {
        found.append(.required("\(place).mountPath"))
      } else if !paths.insert(folder).inserted {
        found.append(.invalid("\(place).mountPath", .string(folder), "must be unique"))
      }
      for field in ["subPath", "subPathExpr"] {
        found += VolumeValidation.relative(
          mount[field]?.stringValue ?? "", at: "\(place).\(field)", isRequired: false)
      }
      if let expression = mount["subPathExpr"], expression != "", mount["subPath"]?.stringValue?.isEmpty == false {
        found.append(.invalid("\(place).subPathExpr", expression, "subPathExpr and subPath are mutually exclusive"))
      }
    }
    return found
  }

  private static func resources(_ resources: JSONValue, at path: String) -> [FieldError] {
    var found: [FieldError] = []
    let limits = resources["limits"]?.objectValue ?? [:]
    for list in ["limits", "requests"] {
      for (name, value) in (resources[list]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
        let place = "\(path).\(list)[\(name)]"
        found += nameProblems(name).map { .invalid(place, .string(name), $0) }
        guard let quantity = ResourceQuantity(value) else { continue }
        if quantity.isNegative {
          found.append(.invalid(place, .string(quantity.text), "must be greater than or equal to 0"))
        }
        guard list == "requests", let limit = limits[name].flatMap(ResourceQuantity.init), limit < quantity
        else { continue }
        found.append(
          .invalid(
            "\(path).requests", .string(quantity.text), "must be less than or equal to \(name) limit of \(limit.text)"))
      }
    }
    return found
  }

  private static func nameProblems(_ name: String) -> [String] {
    let problems = QualifiedName.problems(with: name)
    let isStandard = ["cpu", "memory", "ephemeral-storage"].contains(name) || name.hasPrefix("hugepages-")
    if !problems.isEmpty || name.contains("/") || isStandard { return problems }
    return ["must be a standard resource type or fully qualified", "must be a standard resource for containers"]
  }
}
