/// All that one attempt wants to become visible, at once.
package struct Transaction: Sendable, Hashable {
  package var puts: [Put]
  package var announcements: [Announcement]
  package var outputs: [Output]

  package struct Put: Sendable, Hashable {
    package var bucket: String
    package var key: String
    package var group: String?
    package var location: ObjectLocation

    package init(bucket: String, key: String, group: String? = nil, location: ObjectLocation) {
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

  package init(puts: [Put] = [], announcements: [Announcement] = [], outputs: [Output] = []) {
    self.puts = puts
    self.announcements = announcements
    self.outputs = outputs
  }

  func write(to writer: inout ByteWriter) {
    writer.write(puts) { writer, put in
      writer.write(put.bucket)
      writer.write(put.key)
      writer.write(put.group)
      put.location.write(to: &writer)
    }
    writer.write(announcements) { writer, announcement in
      writer.write(announcement.bucket)
      writer.write(announcement.keys)
    }
    writer.write(outputs) { writer, output in
      writer.write(output.name)
      output.location.write(to: &writer)
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    puts = try reader.list { (reader) throws(WireError) in
      Put(
        bucket: try reader.string(), key: try reader.string(), group: try reader.optionalString(),
        location: try ObjectLocation(from: &reader))
    }
    announcements = try reader.list { (reader) throws(WireError) in
      Announcement(bucket: try reader.string(), keys: try reader.strings())
    }
    outputs = try reader.list { (reader) throws(WireError) in
      Output(name: try reader.string(), location: try ObjectLocation(from: &reader))
    }
  }
}
