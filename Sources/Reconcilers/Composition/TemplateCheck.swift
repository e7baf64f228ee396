package import Dataflow
import KubernetesAPI
package import KubernetesClient

/// What a dry run of the finished pod brought, put in the words of the workflow that its author wrote.
package enum TemplateCheck {
  /// The findings that an error of the API server stands for; nil for errors that say nothing about the template.
  package static func findings(_ error: KubernetesError, workflow: String) -> [Finding]? {
    let resource = "Workflow/\(workflow)"
    if error.isInvalid {
      let causes = error.status?.details?.causes ?? []
      if causes.isEmpty { return [finding(resource, "spec.template", error.status?.message ?? error.message)] }
      return causes.map { finding(resource, field($0.field ?? ""), $0.message ?? "invalid") }
    }
    // Quota and the like pass; a pod that the namespace's security level forbids stays forbidden.
    if error.isForbidden, let message = error.status?.message, message.contains("violates PodSecurity") {
      return [
        Finding(
          resource: resource, field: "spec.template.spec.securityContext",
          message: PodTrouble.shortened(message, to: 1024),
          remedy: "drop what the namespace's level forbids, or relabel the namespace")
      ]
    }
    return nil
  }

  private static func finding(_ resource: String, _ field: String, _ message: String) -> Finding {
    Finding(
      resource: resource, field: field, message: PodTrouble.shortened(message, to: 1024),
      remedy: "correct it; kubectl explain pod.spec describes the fields")
  }

  /// Where a field of the pod stands in the workflow. The composer puts the sidecar before the first init container and
  /// its own variables before the first one of each container.
  package static func field(_ field: String) -> String {
    let sidecar = "spec.initContainers[0]"
    if field.hasPrefix(sidecar + ".resources") { return "spec.sidecar" + field.dropFirst(sidecar.count) }
    var result = shifted(field, after: "spec.initContainers[", by: 1)
    if result.hasPrefix("spec.containers["), let range = result.firstRange(of: ".env[") {
      result = result[..<range.lowerBound] + shifted(String(result[range.lowerBound...]), after: ".env[", by: 3)
    }
    return "spec.template" + (result.isEmpty ? "" : ".\(result)")
  }

  private static func shifted(_ field: String, after prefix: String, by count: Int) -> String {
    guard field.hasPrefix(prefix), let end = field.firstIndex(of: "]"),
      let index = Int(field[field.index(field.startIndex, offsetBy: prefix.count)..<end]), index >= count
    else { return field }
    return "\(prefix)\(index - count)\(field[end...])"
  }
}
