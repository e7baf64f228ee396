/// `spec.strategy.rollingUpdate` of a `Workflow`: numbers of pods, or percentages of `spec.replicas`, as text.
///
/// The pace is the controller's business. Here it is only seen whether it is one at all.
package struct RollingUpdateSpec: Sendable, Hashable, Decodable {
  package var maxSurge: String
  package var maxUnavailable: String

  package init(maxSurge: String = "1", maxUnavailable: String = "0") {
    self.maxSurge = maxSurge
    self.maxUnavailable = maxUnavailable
  }

  /// Whether a pod could be neither added nor taken away, whatever the number of pods.
  package var isStuck: Bool { [maxSurge, maxUnavailable].allSatisfy { $0 == "0" || $0 == "0%" } }

  private enum CodingKeys: String, CodingKey { case maxSurge, maxUnavailable }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) throws -> String? {
      if let number = try? fields.decodeIfPresent(Int.self, forKey: key) { return "\(number)" }
      return try fields.decodeIfPresent(String.self, forKey: key)
    }
    self.init(maxSurge: try text(.maxSurge) ?? "1", maxUnavailable: try text(.maxUnavailable) ?? "0")
  }
}
