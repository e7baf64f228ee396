/// One entry of a container's `env`.
package struct EnvironmentEntry: Sendable, Hashable, Decodable {
  package var name: String
  package var value: String?
  package var valueFrom: ValueSource?

  package init(name: String, value: String? = nil, valueFrom: ValueSource? = nil) {
    self.name = name
    self.value = value
    self.valueFrom = valueFrom
  }

  package struct ValueSource: Sendable, Hashable, Decodable {
    package var fieldRef: FieldReference?
    package var resourceFieldRef: ResourceFieldReference?
    package var configMapKeyRef: KeyReference?
    package var secretKeyRef: KeyReference?

    package init(fieldRef: FieldReference? = nil, configMapKeyRef: KeyReference? = nil) {
      self.fieldRef = fieldRef
      self.configMapKeyRef = configMapKeyRef
    }
  }
}

/// One entry of a container's `envFrom`.
package struct EnvironmentSource: Sendable, Hashable, Decodable {
  package var prefix: String?
  package var configMapRef: ObjectReference?
  package var secretRef: ObjectReference?

  package struct ObjectReference: Sendable, Hashable, Decodable {
    package var name: String
    package var optional: Bool?
  }
}

package struct FieldReference: Sendable, Hashable, Decodable {
  package var fieldPath: String

  package init(fieldPath: String) { self.fieldPath = fieldPath }
}

package struct ResourceFieldReference: Sendable, Hashable, Decodable {
  package var containerName: String?
  package var resource: String
  package var divisor: String?
}

package struct KeyReference: Sendable, Hashable, Decodable {
  package var name: String
  package var key: String
  package var optional: Bool?

  package init(name: String, key: String, optional: Bool? = nil) {
    self.name = name
    self.key = key
    self.optional = optional
  }
}
