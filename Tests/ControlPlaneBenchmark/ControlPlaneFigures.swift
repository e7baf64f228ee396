import Foundation
import KubernetesAPI
import Measures

/// What was measured, and what of it is too much.
struct ControlPlaneFigures: Sendable {
  static let memoryLimit = 150_000_000

  var scene: Scene
  /// From the first apply until all are ready.
  var together = Duration.zero
  /// The API server alone, for the same writes.
  var alone = Duration.zero
  var requests = RequestCounts()
  /// In bytes.
  var memory = 0
  var idleRequests = 0
  /// Of one processor.
  var idleShare = 0.0

  init(scene: Scene) { self.scene = scene }

  private var ratio: Double { together / alone }
  private var requestsPerWorkflow: Double { Double(requests.byController) / Double(scene.workflows) }

  var excesses: [String] {
    var excesses: [String] = []
    if memory > Self.memoryLimit {
      excesses.append("the controller uses \(memory / 1_000_000) MB, \(Self.memoryLimit / 1_000_000) are allowed")
    }
    if idleRequests > 0 { excesses.append("the controller made \(idleRequests) requests while nothing changed") }
    return excesses
  }

  var table: String {
    var table = TextTable([
      ["figure", "value"],
      ["workflows, pods", "\(scene.workflows), \(scene.workflows * scene.replicas)"],
      ["from apply to all ready", Self.seconds(together)],
      ["the API server alone, same writes", Self.seconds(alone)],
      ["ratio", TextTable.number(ratio)],
      ["requests per workflow", TextTable.number(requestsPerWorkflow)],
      ["requests while nothing changes", "\(idleRequests)"],
      ["memory of the controller", "\(memory / 1_000_000) MB"],
      ["processor while nothing changes", TextTable.share(idleShare)],
    ])
    for (request, count) in requests.controller.sorted(by: { $0.value > $1.value }) {
      table.rows.append(["  \(request)", "\(count)"])
    }
    return table.text
  }

  var json: String {
    get throws {
      let document: JSONValue = [
        "workflows": .integer(Int64(scene.workflows)), "replicas": .integer(Int64(scene.replicas)),
        "togetherSeconds": .number(together / .seconds(1)), "aloneSeconds": .number(alone / .seconds(1)),
        "ratio": .number(ratio), "requestsPerWorkflow": .number(requestsPerWorkflow),
        "idleRequests": .integer(Int64(idleRequests)), "memoryBytes": .integer(Int64(memory)),
        "idleShare": .number(idleShare),
        "requests": .object(requests.controller.mapValues { .integer(Int64($0)) }),
      ]
      return document.canonicalText
    }
  }

  private static func seconds(_ duration: Duration) -> String { TextTable.number(duration / .seconds(1)) + " s" }
}
