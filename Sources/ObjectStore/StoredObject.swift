package import Wire

/// An object that the store holds.
package struct StoredObject: Sendable, Hashable {
  package var location: ObjectLocation
  /// The number of its bucket in the accounts.
  var bucket: Int
  /// How many still need it; it is freed at zero.
  package var references: Int
}

/// An object as an executor reports it.
package struct NewObject: Sendable, Hashable {
  package var location: ObjectLocation
  /// Empty for outputs and payloads.
  package var bucket: String

  package init(location: ObjectLocation, bucket: String) {
    self.location = location
    self.bucket = bucket
  }
}
