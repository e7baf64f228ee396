import Foundation
import KubernetesAPI
import Testing

/// Sessions that take seconds, while something happens to their pods.
struct LongSessions {
  let ingress: Ingress
  let namespace: String
  var workflow = "faults"

  init(_ namespace: String) async throws {
    ingress = try await Ingress.find()
    self.namespace = namespace
  }

  /// How many sessions each pod holds, as the coordinator sees it.
  func load() async throws -> [String: Int] {
    let load = try await ingress.get("/v1/\(namespace)/\(workflow)/load").json?["pods"]?.objectValue ?? [:]
    return load.mapValues { $0["sessions"]?.intValue ?? 0 }
  }

  /// Runs sessions of so many seconds; when all are on pods, does something to these. Each session has to be answered,
  /// and only once: the same key is answered by the same session again.
  func outlive(_ count: Int, seconds: Int, _ event: (_ load: [String: Int]) async throws -> Void) async throws {
    let purpose = UUID().uuidString
    try await withThrowingTaskGroup(of: (Int, Ingress.Answer).self) { group in
      for number in 0..<count {
        group.addTask { [self] in
          (number, try await post(number, purpose, seconds))
        }
      }
      let load = try await eventually("\(count) sessions are on pods") {
        let now = try await self.load()
        guard now.values.reduce(0, +) == count else { throw NotYet("\(now)") }
        return now
      }
      try await event(load)
      var answered: Set<String> = []
      for try await (number, answer) in group {
        #expect(answer.status == 200 && answer.text == "rested", "session \(number): \(answer.status) \(answer.text)")
        let again = try await post(number, purpose, seconds)
        #expect(again.status == 200 && again.sessionID == answer.sessionID, "again \(number): \(again.text)")
        answered.insert(answer.sessionID ?? "")
      }
      #expect(answered.count == count)
    }
  }

  private func post(_ number: Int, _ purpose: String, _ seconds: Int) async throws -> Ingress.Answer {
    try await ingress.post(
      workflow, in: namespace, query: "function=linger", key: "\(purpose)-\(number)", body: Data("\(seconds)".utf8))
  }
}
