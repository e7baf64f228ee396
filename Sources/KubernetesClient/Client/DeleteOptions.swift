import KubernetesAPI

/// How an object is to be deleted.
package struct DeleteOptions: Sendable, Hashable {
  package var gracePeriodSeconds: Int?
  /// Delete only the object with this uid.
  package var uid: String?
  /// Delete only if the object is still at this version.
  package var resourceVersion: String?
  /// `Foreground`, `Background` or `Orphan`.
  package var propagationPolicy: String?

  package init(
    gracePeriodSeconds: Int? = nil, uid: String? = nil, resourceVersion: String? = nil, propagationPolicy: String? = nil
  ) {
    self.gracePeriodSeconds = gracePeriodSeconds
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.propagationPolicy = propagationPolicy
  }

  var document: JSONValue {
    var document: JSONValue = ["apiVersion": "v1", "kind": "DeleteOptions"]
    document["gracePeriodSeconds"] = gracePeriodSeconds.map { .integer(Int64($0)) }
    document[path: "preconditions", "uid"] = uid.map { .string($0) }
    document[path: "preconditions", "resourceVersion"] = resourceVersion.map { .string($0) }
    document["propagationPolicy"] = propagationPolicy.map { .string($0) }
    return document
  }
}
