import KubernetesAPI

/// What the PodSecurity profile "restricted" asks for, where the template says nothing. What it says stands.
extension PodComposer {
  static func podSecurity(_ given: JSONValue?) -> JSONValue {
    var context = given ?? .emptyObject
    context["runAsNonRoot"] = context["runAsNonRoot"] ?? true
    context["seccompProfile"] = context["seccompProfile"] ?? ["type": "RuntimeDefault"]
    return context
  }

  static func secured(_ container: JSONValue) -> JSONValue {
    var result = container
    var context = container["securityContext"] ?? .emptyObject
    let added = context[path: "capabilities", "add"]?.arrayValue ?? []
    // The API refuses to deny escalation to a container that is privileged anyway.
    let isPrivileged = context["privileged"]?.boolValue == true || added.contains("SYS_ADMIN")
    if !isPrivileged {
      context["allowPrivilegeEscalation"] = context["allowPrivilegeEscalation"] ?? false
      context[path: "capabilities", "drop"] = context[path: "capabilities", "drop"] ?? ["ALL"]
    }
    result["securityContext"] = context
    return result
  }
}
