import Foundation

/// What the driver tells the processes that it starts.
enum Environment {
  static var isFunctionHost: Bool { ProcessInfo.processInfo.environment["PHEROMONE_SOCKET"] != nil }

  static func list(_ name: String) -> [String] {
    ProcessInfo.processInfo.environment[name, default: ""].split(separator: ",").map(String.init)
  }
}
