/// `spec` of a `Bucket` resource.
package struct BucketSpec: Sendable, Hashable, Decodable {
  package var workflow: String
  package var triggers: [TriggerSpec]

  package init(workflow: String, triggers: [TriggerSpec]) {
    self.workflow = workflow
    self.triggers = triggers
  }

  private enum CodingKeys: String, CodingKey { case workflow, triggers }

  package init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    workflow = try fields.decode(String.self, forKey: .workflow)
    triggers = try fields.decodeIfPresent([TriggerSpec].self, forKey: .triggers) ?? []
  }
}
