extension Finding {
  /// What a resource's `spec` that does not even have the right shape is told.
  package init(decodingError error: DecodingError, resource: String) {
    func path(_ context: DecodingError.Context, _ last: (any CodingKey)? = nil) -> String {
      var text = "spec"
      for key in context.codingPath + (last.map { [$0] } ?? []) {
        text += key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)"
      }
      return text
    }
    switch error {
    case .keyNotFound(let key, let context):
      self.init(resource: resource, field: path(context, key), message: "the field is required", remedy: "add it")
    case .typeMismatch(let type, let context):
      self.init(
        resource: resource, field: path(context), message: "the value has the wrong type",
        remedy: "write \(Self.name(of: type))")
    case .valueNotFound(let type, let context):
      self.init(
        resource: resource, field: path(context), message: "the value is null", remedy: "write \(Self.name(of: type))")
    case .dataCorrupted(let context):
      self.init(
        resource: resource, field: path(context), message: context.debugDescription,
        remedy: "see the field's description: kubectl explain")
    @unknown default:
      self.init(resource: resource, field: "spec", message: "\(error)", remedy: "see kubectl explain")
    }
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a text"
    case is Int.Type: "a whole number"
    case is Bool.Type: "true or false"
    case is [Any].Type: "a list"
    default: "an object"
    }
  }
}
