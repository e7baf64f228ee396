import Foundation
import Testing

@testable import Dataflow

@Suite struct SessionDescriptionTests {
  @Test func `what a pod with an older sidecar says is read, and what it does not say is nothing`() throws {
    let old = """
      {"session":"s","workflow":"w","namespace":"n","pod":"p","state":"Running","message":"","planRevision":"1",
       "startedAt":"2026-01-01T00:00:00Z","duration":1.5,"invocations":2,"outputs":[],"timeline":[],"droppedEntries":0,
       "waiting":[{"trigger":"counts/all","target":"merge","lacks":["a"]}]}
      """
    let description = try JSONDecoder().decode(SessionDescription.self, from: Data(old.utf8))
    #expect(description.causes.isEmpty && description.derived.isEmpty && !description.isRecorded)
    #expect(description.waiting == [.init(trigger: "counts/all", target: "merge", lacks: ["a"])])
  }

  @Test func `a description survives being written and read`() throws {
    let description = SessionDescription(
      session: "s", workflow: "w", namespace: "n", pod: "p", state: "Stalled", message: "m", planRevision: "1",
      startedAt: "2026-01-01T00:00:00Z", duration: 1.5, invocations: 2, outputs: [""],
      timeline: [.init(at: 0.5, event: "put", subject: "b/k")], droppedEntries: 1,
      waiting: [.init(trigger: "b/t", target: "f", lacks: ["x"], producers: ["f#1 is queued"], ignored: ["late"])],
      causes: ["c"], derived: ["d"], isRecorded: true)
    let again = try JSONDecoder().decode(SessionDescription.self, from: try JSONEncoder().encode(description))
    #expect(again == description)
  }
}
