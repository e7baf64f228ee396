/// The version of both protocols and what it may be met with: one before and one after are understood.
///
/// Programs of different releases talk to each other: during a rolling update coordinator and sidecar are one release
/// apart, and an SDK is as old as the image that it was built into. So the protocols grow by addition, in one of two
/// ways, and a frame's or field's meaning never changes:
///
/// - A *field* goes to the end of its frame. A reader takes a frame that ends before the field as one that says the
///   field's default (`ByteReader.added`), and passes over bytes behind the last field that it knows. If it would be
///   wrong to pass over the field, its writer asks the peer's `Features` first. What lies inside a list cannot grow;
///   a new list at the end of the frame goes along with the old one instead.
/// - A *kind* of frame gets the next number of its direction. It is sent only to a peer that is known to understand it:
///   by a bit of its `Features`, or since the frame answers one that only such a peer sends. To all others it would be
///   nonsense, for which they close the connection.
///
/// A change that can be made in neither way is a new version. Its program speaks the version before it to those that
/// know no better, for as long as they are supported.
package enum ProtocolVersion {
  package static let current: UInt16 = 1
  package static let oldest: UInt16 = 1

  /// Whether a peer of that version can be talked to.
  package static func supports(_ version: UInt16) -> Bool { version >= oldest && version <= current + 1 }
}
