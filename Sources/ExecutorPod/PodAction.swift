package import Wire

/// What the sidecar's loop has to do, in this order.
package enum PodAction: Sendable, Hashable {
  /// A frame to a process of the SDK; the segment whose descriptor goes with it, if any.
  case send(connection: UInt64, SidecarFrame, segment: UInt32? = nil)
  /// The connection has done something that nothing sound does, or its process is to end.
  case close(connection: UInt64, reason: String)
  /// A segment for an executor to write into.
  case createSegment(UInt32, size: Int)
  /// A segment for what comes from outside.
  case createOwnSegment(UInt32, size: Int)
  case sealSegment(UInt32, connection: UInt64)
  case destroySegment(UInt32)
  case write([UInt8], segment: UInt32, offset: Int)
  /// A frame to the coordinator, if it is connected.
  case tellCoordinator(PodFrame)
  /// A session's result, with the outputs' bytes, to the coordinator; `request` answers a `collect`.
  case deliver(
    session: String, state: SessionResult.State, message: String, outputs: [OutputLocation], request: UInt64?)
  case log(PodNote)
}

package struct OutputLocation: Sendable, Hashable {
  package var name: String
  package var location: ObjectLocation
}

/// Something that a person who reads the sidecar's log wants to know.
package struct PodNote: Sendable, Hashable {
  package var message: String
  package var isWarning = false
}
