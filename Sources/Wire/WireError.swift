/// Why bytes from a peer are no frame. The connection that sent them is closed; nothing of it is believed.
package struct WireError: Error, Sendable, Hashable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }

  static func truncated(_ what: String) -> WireError { WireError("the frame ends inside \(what)") }
}
