import Dataflow
import KubernetesAPI

/// Tells pods that are as the workflow wants them from those that are not.
package enum Revision {
  /// A hash of what a user means by the pods: template, executors, object memory and the sidecar's image. The rendered
  /// pod is not part of it, so that a controller that renders differently does not roll every workflow.
  package static func hash(of settings: WorkflowSettings, sidecarImage: String) -> String {
    let inputs: JSONValue = [
      "template": settings.template,
      "executors": .integer(Int64(settings.executors)),
      "sharedMemory": .integer(Int64(settings.sharedMemory)),
      "sidecarImage": .string(sidecarImage),
      "sidecarResources": settings.sidecarResources ?? .null,
    ]
    return String(StableHash.of(inputs.canonicalText).prefix(12))
  }
}
