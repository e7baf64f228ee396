import KubernetesAPI

/// What a real API server refuses about the probes and hooks of a container.
enum ActionValidation {
  static func problems(in container: JSONValue, at path: String) -> [FieldError] {
    var found: [FieldError] = []
    for hook in ["postStart", "preStop"] {
      guard let action = container[path: "lifecycle", hook] else { continue }
      found += problems(inAction: action, at: "\(path).lifecycle.\(hook)", isProbe: false)
    }
    for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
      guard let probe = container[name] else { continue }
      found += problems(inProbe: probe, at: "\(path).\(name)", isReadiness: name == "readinessProbe")
    }
    return found
  }

  private static func problems(inProbe probe: JSONValue, at path: String, isReadiness: Bool) -> [FieldError] {
    var found = problems(inAction: probe, at: path, isProbe: true)
    for field in ["initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"] {
      guard let value = probe[field], let number = value.intValue, number < 0 else { continue }
      found.append(.invalid("\(path).\(field)", value, "must be greater than or equal to 0"))
    }
    if let grace = probe["terminationGracePeriodSeconds"], let seconds = grace.intValue {
      if isReadiness {
        found.append(
          .invalid("\(path).terminationGracePeriodSeconds", grace, "must not be set for readinessProbes"))
      } else if seconds <= 0 {
        found.append(.invalid("\(path).terminationGracePeriodSeconds", grace, "must be greater than 0"))
      }
    }
    if !isReadiness, let threshold = probe["successThreshold"], threshold != 1 {
      found.append(.invalid("\(path).successThreshold", threshold, "must be 1"))
    }
    return found
  }

  private static func problems(inAction action: JSONValue, at path: String, isProbe: Bool) -> [FieldError] {
    let types = ["exec", "httpGet", "tcpSocket"] + (isProbe ? ["grpc"] : ["sleep"])
    let given = types.filter { action[$0] != nil }
    guard let first = given.first, let details = action[first] else {
      return [.required(path, "must specify a handler type")]
    }
    var found = given.dropFirst().map {
      FieldError.forbidden("\(path).\($0)", "may not specify more than 1 handler type")
    }
    let place = "\(path).\(first)"
    switch first {
    case "exec":
      if details["command"]?.arrayValue?.isEmpty ?? true { found.append(.required("\(place).command")) }
    case "httpGet":
      if details["path"]?.stringValue?.isEmpty ?? true { found.append(.required("\(place).path")) }
      found += problems(inPort: details["port"], at: "\(place).port")
      found += FieldError.unless(details["scheme"], isOneOf: ["HTTP", "HTTPS"], at: "\(place).scheme")
    case "tcpSocket", "grpc": found += problems(inPort: details["port"], at: "\(place).port")
    default: break
    }
    return found
  }

  private static func problems(inPort port: JSONValue?, at path: String) -> [FieldError] {
    if let name = port?.stringValue {
      return portNameProblems(name).map { .invalid(path, .string(name), $0) }
    }
    let number = port?.intValue ?? 0
    return (1...65535).contains(number)
      ? [] : [.invalid(path, .integer(Int64(number)), "must be between 1 and 65535, inclusive")]
  }

  /// The rules for names of services.
  static func portNameProblems(_ name: String) -> [String] {
    var found: [String] = []
    if name.utf8.count > 15 { found.append("must be no more than 15 bytes") }
    if !name.utf8.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d }) {
      found.append("must contain only alphanumeric characters (a-z, 0-9), and hyphens (-)")
    }
    if !name.utf8.contains(where: { (0x61...0x7a).contains($0) }) {
      found.append("must contain at least one letter (a-z)")
    }
    if name.contains("--") { found.append("must not contain consecutive hyphens") }
    if name.hasPrefix("-") || name.hasSuffix("-") { found.append("must not begin or end with a hyphen") }
    return found
  }
}
