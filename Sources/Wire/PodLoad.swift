/// What a pod has to do and has done, sent when it changes. The counts of ended sessions begin with the sidecar's epoch.
package struct PodLoad: Sendable, Hashable {
  package var activeSessions: UInt32
  package var executors: UInt32
  package var busyExecutors: UInt32
  package var queuedInvocations: UInt32
  /// Object memory, by whole segments, without what is only kept to be used again and is given up under pressure.
  package var memoryUsed: UInt64
  package var memoryLimit: UInt64
  package var succeeded: UInt64
  /// Ended in any other way than `Succeeded`.
  package var failed: UInt64
  /// Functions of the plan that no executor here has registered.
  package var missingFunctions: [String]
  package var buckets: [Bucket]

  /// Whether a pod takes new sessions: the last quarter of its object memory is for those that run.
  package static func hasRoom<Bytes: BinaryInteger>(used: Bytes, of limit: Bytes) -> Bool { used < limit / 4 * 3 }

  package struct Bucket: Sendable, Hashable {
    package var name: String
    package var objects: UInt64
    package var bytes: UInt64
    package var deadLetters: UInt64
    package var triggers: [Trigger]

    package init(name: String, objects: UInt64, bytes: UInt64, deadLetters: UInt64, triggers: [Trigger]) {
      self.name = name
      self.objects = objects
      self.bytes = bytes
      self.deadLetters = deadLetters
      self.triggers = triggers
    }
  }

  package struct Trigger: Sendable, Hashable {
    package var name: String
    package var fired: UInt64
    package var pending: UInt64

    package init(name: String, fired: UInt64, pending: UInt64) {
      self.name = name
      self.fired = fired
      self.pending = pending
    }
  }

  package init(
    activeSessions: UInt32 = 0, executors: UInt32 = 0, busyExecutors: UInt32 = 0, queuedInvocations: UInt32 = 0,
    memoryUsed: UInt64 = 0, memoryLimit: UInt64 = 0, succeeded: UInt64 = 0, failed: UInt64 = 0,
    missingFunctions: [String] = [], buckets: [Bucket] = []
  ) {
    self.activeSessions = activeSessions
    self.executors = executors
    self.busyExecutors = busyExecutors
    self.queuedInvocations = queuedInvocations
    self.memoryUsed = memoryUsed
    self.memoryLimit = memoryLimit
    self.succeeded = succeeded
    self.failed = failed
    self.missingFunctions = missingFunctions
    self.buckets = buckets
  }

  func write(to writer: inout ByteWriter) {
    for number in [activeSessions, executors, busyExecutors, queuedInvocations] { writer.write(number) }
    for number in [memoryUsed, memoryLimit, succeeded, failed] { writer.write(number) }
    writer.write(missingFunctions)
    writer.write(buckets) { writer, bucket in
      writer.write(bucket.name)
      for number in [bucket.objects, bucket.bytes, bucket.deadLetters] { writer.write(number) }
      writer.write(bucket.triggers) { writer, trigger in
        writer.write(trigger.name)
        writer.write(trigger.fired)
        writer.write(trigger.pending)
      }
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    self.init(
      activeSessions: try reader.integer(), executors: try reader.integer(), busyExecutors: try reader.integer(),
      queuedInvocations: try reader.integer(), memoryUsed: try reader.integer(), memoryLimit: try reader.integer(),
      succeeded: try reader.integer(), failed: try reader.integer(), missingFunctions: try reader.strings(),
      buckets: try reader.list { (reader) throws(WireError) in
        Bucket(
          name: try reader.string(), objects: try reader.integer(), bytes: try reader.integer(),
          deadLetters: try reader.integer(),
          triggers: try reader.list { (reader) throws(WireError) in
            Trigger(name: try reader.string(), fired: try reader.integer(), pending: try reader.integer())
          })
      })
  }
}
