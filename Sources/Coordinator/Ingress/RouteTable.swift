import HTTPTypes
import Hummingbird

/// The methods that each path of the door knows. The router keeps that to itself.
struct RouteTable: Sendable {
  private struct Route {
    var parts: [Substring]
    var method: HTTPRequest.Method
  }

  private var routes: [Route] = []

  /// Takes a path in the router's notation: `:name` for one part of a path, `**` for one or more at its end.
  mutating func add(_ method: HTTPRequest.Method, _ path: String) {
    routes.append(Route(parts: path.split(separator: "/"), method: method))
  }

  /// What may be asked of a path, in the order of the routes; nothing of a path that no route fits.
  func methods(at path: String) -> [HTTPRequest.Method] {
    let parts = path.split(separator: "/")
    return routes.filter { Self.fits($0.parts, parts) }.map(\.method)
  }

  private static func fits(_ pattern: [Substring], _ parts: [Substring]) -> Bool {
    let isOpen = pattern.last == "**"
    guard isOpen ? parts.count >= pattern.count : parts.count == pattern.count else { return false }
    return zip(isOpen ? pattern.dropLast() : pattern[...], parts).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
  }
}
