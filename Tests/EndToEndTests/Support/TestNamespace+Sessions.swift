import Dataflow
import Foundation

extension TestNamespace {
  /// A session as the coordinator describes it, once it is over.
  func finishedSession(_ id: String, of workflow: String) async throws -> SessionDescription {
    let ingress = try await Ingress.find()
    return try await eventually("session \(id) is over") {
      let answer = try await ingress.get(session: id, of: workflow, in: name)
      guard answer.status == 200 else { throw NotYet("\(answer.status) \(answer.text)") }
      let session = try JSONDecoder().decode(SessionDescription.self, from: answer.body)
      guard session.state != "Running" else { throw NotYet(answer.text) }
      return session
    }
  }
}
