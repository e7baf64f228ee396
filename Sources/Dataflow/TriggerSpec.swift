/// One entry of `spec.triggers` of a `Bucket`: a primitive and the function that it fires.
package struct TriggerSpec: Sendable, Hashable, Decodable {
  package var name: String
  package var target: String
  /// Every primitive that was written down. A sound trigger has exactly one; the static check says so of others.
  package var primitives: [Primitive]
  package var recovery: Recovery?

  /// Nil unless there is exactly one.
  package var onlyPrimitive: Primitive? { primitives.count == 1 ? primitives[0] : nil }

  package struct Recovery: Sendable, Hashable, Codable {
    package var source: String
    package var timeout: String
    package var limit: Int?

    package init(source: String, timeout: String, limit: Int? = nil) {
      self.source = source
      self.timeout = timeout
      self.limit = limit
    }
  }

  package init(name: String, target: String, _ primitives: Primitive..., recovery: Recovery? = nil) {
    self.name = name
    self.target = target
    self.primitives = primitives
    self.recovery = recovery
  }

  private enum CodingKeys: String, CodingKey {
    case name, target, recovery
    case immediate, byName, bySet, byBatchSize, byTime, redundant, dynamicJoin, dynamicGroup
  }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    name = try fields.decode(String.self, forKey: .name)
    target = try fields.decode(String.self, forKey: .target)
    recovery = try fields.decodeIfPresent(Recovery.self, forKey: .recovery)
    primitives = []
    // It has no fields of its own, but null says as little here as of any other.
    if fields.contains(.immediate), try !fields.decodeNil(forKey: .immediate) { primitives.append(.immediate) }
    if let names = try fields.decodeIfPresent(Names.self, forKey: .byName) { primitives.append(.byName(names.names)) }
    if let names = try fields.decodeIfPresent(Names.self, forKey: .bySet) { primitives.append(.bySet(names.names)) }
    if let batch = try fields.decodeIfPresent(Primitive.Batch.self, forKey: .byBatchSize) {
      primitives.append(.byBatchSize(batch))
    }
    if let window = try fields.decodeIfPresent(Primitive.Window.self, forKey: .byTime) {
      primitives.append(.byTime(window))
    }
    if let redundancy = try fields.decodeIfPresent(Primitive.Redundancy.self, forKey: .redundant) {
      primitives.append(.redundant(redundancy))
    }
    if let join = try fields.decodeIfPresent(Join.self, forKey: .dynamicJoin) {
      primitives.append(.dynamicJoin(announcedBy: join.announcedBy))
    }
    if let group = try fields.decodeIfPresent(Group.self, forKey: .dynamicGroup) {
      primitives.append(.dynamicGroup(sources: group.sources))
    }
  }

  private struct Names: Decodable { var names: [String] }
  private struct Join: Decodable { var announcedBy: [String] }
  private struct Group: Decodable { var sources: [String] }
}
