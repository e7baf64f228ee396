/// What the interpreter has to do for a session. Actions are carried out in their order.
package enum SessionAction: Sendable, Hashable {
  /// Give this attempt to an executor as soon as one is free.
  case enqueue(Attempt)
  /// Nobody needs the invocation any more: take it out of the queue, or tell the executor that runs it.
  case abandon(invocation: Int)
  /// Call `retryDue` after this time.
  case scheduleRetry(invocation: Int, after: Duration)
  /// The object's bytes are needed no more.
  case release(handle: UInt64)
  /// The session is over. Its outputs are held until it is forgotten.
  case end(SessionOutcome)
}

/// One attempt to run one function on one list of objects.
package struct Attempt: Sendable, Hashable {
  /// Number of the invocation within its session, from 0.
  package var invocation: Int
  /// From 1.
  package var attempt: Int
  /// Index of the function in the plan.
  package var function: Int
  package var firing: String
  package var inputs: [ObjectReference]
  package var timeout: Duration?
}

/// How a session ended.
package struct SessionOutcome: Sendable, Hashable {
  package enum State: Sendable, Hashable { case succeeded, failed, stalled, timedOut, cancelled }

  package var state: State
  /// Empty when it succeeded.
  package var message: String
}

/// What an attempt made, once its bytes have been found to be sound.
package struct Commit: Sendable, Hashable {
  package var puts: [Put]
  package var announcements: [Announcement]
  package var outputs: [Output]

  package struct Put: Sendable, Hashable {
    package var bucket: String
    package var key: String
    package var group: String?
    package var handle: UInt64

    package init(bucket: String, key: String, group: String? = nil, handle: UInt64) {
      self.bucket = bucket
      self.key = key
      self.group = group
      self.handle = handle
    }
  }

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
    package var handle: UInt64

    package init(name: String = "", handle: UInt64) {
      self.name = name
      self.handle = handle
    }
  }

  package init(puts: [Put] = [], announcements: [Announcement] = [], outputs: [Output] = []) {
    self.puts = puts
    self.announcements = announcements
    self.outputs = outputs
  }

  var handles: [UInt64] { puts.map(\.handle) + outputs.map(\.handle) }
}
