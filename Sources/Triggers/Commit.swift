package import Dataflow

/// What an attempt made, once its bytes have been found to be sound. Handles are the object store's numbers.
package struct Commit: Sendable, Hashable, Codable {
  package var puts: [Put]
  package var calls: [Call]
  package var announcements: [Announcement]
  package var outputs: [Output]

  package struct Put: Sendable, Hashable, Codable {
    package var bucket: String
    package var key: Label
    package var group: String?
    package var handle: UInt64

    package init(bucket: String, key: Label, group: String? = nil, handle: UInt64) {
      self.bucket = bucket
      self.key = key
      self.group = group
      self.handle = handle
    }
  }

  /// An object that goes straight to a function.
  package struct Call: Sendable, Hashable, Codable {
    package var function: String
    package var key: Label
    package var group: String?
    package var handle: UInt64

    package init(function: String, key: Label, group: String? = nil, handle: UInt64) {
      self.function = function
      self.key = key
      self.group = group
      self.handle = handle
    }
  }

  package struct Announcement: Sendable, Hashable, Codable {
    package var bucket: String
    package var keys: [String]

    package init(bucket: String, keys: [String]) {
      self.bucket = bucket
      self.keys = keys
    }
  }

  package struct Output: Sendable, Hashable, Codable {
    /// Empty for the default output.
    package var name: String
    package var handle: UInt64

    package init(name: String = "", handle: UInt64) {
      self.name = name
      self.handle = handle
    }
  }

  package init(
    puts: [Put] = [], calls: [Call] = [], announcements: [Announcement] = [], outputs: [Output] = []
  ) {
    self.puts = puts
    self.calls = calls
    self.announcements = announcements
    self.outputs = outputs
  }

  package var handles: [UInt64] { puts.map(\.handle) + calls.map(\.handle) + outputs.map(\.handle) }

  /// The same, one by one.
  func forEachHandle(_ body: (UInt64) -> Void) {
    for index in puts.indices { body(puts[index].handle) }
    for index in calls.indices { body(calls[index].handle) }
    for index in outputs.indices { body(outputs[index].handle) }
  }
}
