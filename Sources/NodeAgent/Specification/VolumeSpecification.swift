package import KubernetesAPI

/// One entry of a pod's `volumes`. A kind that is not read here is refused when the folders are made.
package struct VolumeSpecification: Sendable, Hashable, Decodable {
  package var name: String
  package var emptyDir: JSONValue?
  package var hostPath: HostPath?
  package var configMap: ConfigMapSource?
  package var secret: SecretSource?
  package var downwardAPI: DownwardSource?
  package var projected: Projection?

  package struct HostPath: Sendable, Hashable, Decodable {
    package var path: String
  }

  package struct Item: Sendable, Hashable, Decodable {
    package var key: String
    package var path: String
    package var mode: Int?
  }

  package struct ConfigMapSource: Sendable, Hashable, Decodable {
    package var name: String
    package var items: [Item]?
    package var defaultMode: Int?
    package var optional: Bool?
  }

  /// A volume says `secretName` where a projection says `name`.
  package struct SecretSource: Sendable, Hashable, Decodable {
    package var secretName: String?
    package var name: String?
    package var items: [Item]?
    package var defaultMode: Int?
    package var optional: Bool?
  }

  package struct DownwardSource: Sendable, Hashable, Decodable {
    package var items: [DownwardItem]?
  }

  package struct DownwardItem: Sendable, Hashable, Decodable {
    package var path: String
    package var fieldRef: FieldReference?
    package var resourceFieldRef: ResourceFieldReference?
  }

  package struct Projection: Sendable, Hashable, Decodable {
    package var sources: [ProjectionSource]?
  }

  /// A service account token is not projected: the local cluster issues none.
  package struct ProjectionSource: Sendable, Hashable, Decodable {
    package var configMap: ConfigMapSource?
    package var secret: SecretSource?
    package var downwardAPI: DownwardSource?
  }
}
