package import Dataflow

/// An object as the engine sees it: its name, and the number under which the object store holds its bytes.
package struct ObjectReference: Sendable, Hashable, Codable {
  /// Index of the bucket in the plan; nil for the payload of a request and for what a function sent straight to another.
  package var bucket: Int?
  /// Compared as Swift compares strings: spellings of one text that Unicode holds to be equivalent are one key, and functions
  /// are given the bytes that were put. Groups likewise.
  package var key: Label
  package var group: String?
  package var handle: UInt64

  package init(bucket: Int?, key: Label, group: String? = nil, handle: UInt64) {
    self.bucket = bucket
    self.key = key
    self.group = group
    self.handle = handle
  }
}
