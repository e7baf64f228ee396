package import Dataflow

/// All that one attempt wants to become visible, at once.
package struct Transaction: Sendable, Hashable {
  package var puts: [Put]
  package var announcements: [Announcement]
  package var outputs: [Output]
  package var calls: [Call]

  package struct Put: Sendable, Hashable {
    package var bucket: String
    package var key: Label
    package var group: String?
    package var location: ObjectLocation

    package init(bucket: String, key: Label, group: String? = nil, location: ObjectLocation) {
      self.bucket = bucket
      self.key = key
      self.group = group
      self.location = location
    }
  }

  /// Keys that a dynamic join of the bucket waits for, in the order in which its target gets them.
  package struct Announcement: Sendable, Hashable {
    package var bucket: String
    package var keys: [String]

    package init(bucket: String, keys: [String]) {
      self.bucket = bucket
      self.keys = keys
    }
  }

  package struct Output: Sendable, Hashable {
    /// Empty for the default output.
    package var name: String
    package var location: ObjectLocation

    package init(name: String, location: ObjectLocation) {
      self.name = name
      self.location = location
    }
  }

  /// An object that goes straight to a function. A sidecar without `Features.calls` would lose it.
  package struct Call: Sendable, Hashable {
    package var function: String
    package var key: Label
    package var group: String?
    package var location: ObjectLocation

    package init(function: String, key: Label, group: String? = nil, location: ObjectLocation) {
      self.function = function
      self.key = key
      self.group = group
      self.location = location
    }
  }

  package init(
    puts: [Put] = [], announcements: [Announcement] = [], outputs: [Output] = [], calls: [Call] = []
  ) {
    self.puts = puts
    self.announcements = announcements
    self.outputs = outputs
    self.calls = calls
  }

  func write(to writer: inout ByteWriter) {
    writer.write(puts) { $1.write(to: &$0) }
    writer.write(announcements) { writer, announcement in
      writer.write(announcement.bucket)
      writer.write(announcement.keys)
    }
    writer.write(outputs) { writer, output in
      writer.write(output.name)
      output.location.write(to: &writer)
    }
    writer.write(calls) { writer, call in
      writer.write(call.function)
      writer.write(call.key)
      writer.write(call.group)
      call.location.write(to: &writer)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    puts = try reader.list { (reader) throws(WireError) in try Put(from: &reader) }
    announcements = try reader.list { (reader) throws(WireError) in
      Announcement(bucket: try reader.string(), keys: try reader.strings())
    }
    outputs = try reader.list { (reader) throws(WireError) in
      Output(name: try reader.string(), location: try ObjectLocation(from: &reader))
    }
    calls = try reader.added(otherwise: []) { (reader) throws(WireError) in
      try reader.list { (reader) throws(WireError) in
        Call(
          function: try reader.string(), key: try reader.label(), group: try reader.optionalString(),
          location: try ObjectLocation(from: &reader))
      }
    }
  }
}

extension Transaction.Put {
  func write(to writer: inout ByteWriter) {
    writer.write(bucket)
    writer.write(key)
    writer.write(group)
    location.write(to: &writer)
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      bucket: try reader.string(), key: try reader.label(), group: try reader.optionalString(),
      location: try ObjectLocation(from: &reader))
  }
}
