import Foundation
import KubernetesAPI

/// What was asked of the API server, from its audit log.
struct RequestCounts: Sendable {
  /// A kind of request, such as `patch workflows/status`.
  private(set) var controller: [String: Int] = [:]

  init() {}

  init(auditLog: String) {
    for line in auditLog.split(separator: "\n") {
      guard let entry = try? JSONValue(parsing: Data(line.utf8)),
        entry["userAgent"]?.stringValue?.hasPrefix("pheromone-controller") == true,
        let verb = entry["verb"]?.stringValue, let resource = entry["resource"]?.stringValue
      else { continue }
      let subresource = entry["subresource"]?.stringValue.map { "/\($0)" } ?? ""
      let dryRun = entry["dryRun"]?.boolValue == true ? " (dry run)" : ""
      controller["\(verb) \(resource)\(subresource)\(dryRun)", default: 0] += 1
    }
  }

  var byController: Int { controller.values.reduce(0, +) }

  func count(_ request: String) -> Int { controller[request] ?? 0 }
}
