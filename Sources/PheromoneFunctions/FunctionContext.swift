import SharedMemory
import Wire

/// What a handler knows of its invocation, and how it answers. All of it may be used from child tasks.
public struct FunctionContext: Sendable {
  let attempt: Attempt

  /// The objects that this invocation was given.
  public let inputs: Inputs

  /// The function's name.
  public var function: String { attempt.invoke.function }
  /// The session that the invocation belongs to.
  public var session: String { attempt.invoke.session }
  /// The same for every attempt of this invocation, and different for all others: an idempotency key for effects
  /// outside.
  public var firing: String { attempt.invoke.firing }
  /// Which attempt this is, from 1.
  public var attemptNumber: Int { Int(attempt.invoke.attempt) }
  /// When the attempt will be given up, if there is a limit.
  public var deadline: ContinuousClock.Instant? { attempt.deadline }
  /// Whether nobody needs this attempt any more. The handler's task is cancelled too, so that `Task.checkCancellation`
  /// and cancellable waits work.
  public var isCancelled: Bool { attempt.isCancelled }

  /// Puts an object into a bucket; the bytes are copied once, into shared memory.
  ///
  /// - Parameters:
  ///   - key: the object's key, different from all others of the bucket and session. Left out, it is made of the
  ///     firing and a counter, so that every attempt makes the same one.
  ///   - bucket: a bucket of this workflow.
  ///   - group: for `dynamicGroup`; left out, it is the key up to its first colon.
  ///   - bytes: the object.
  /// - Returns: the key.
  /// - Throws: `FunctionError` when the key was put before by this attempt or the object can never fit the pod's
  ///   memory; `CancellationError` when nobody needs the attempt any more.
  @discardableResult
  public func put(
    _ key: String? = nil, in bucket: String, group: String? = nil, bytes: some Collection<UInt8>
  ) throws -> String {
    var loan = try create(key, in: bucket, group: group, size: bytes.count)
    try loan.write(bytes)
    return try loan.put()
  }

  /// Puts a text, as UTF-8. See ``put(_:in:group:bytes:)``.
  @discardableResult
  public func put(_ key: String? = nil, in bucket: String, group: String? = nil, text: String) throws -> String {
    try put(key, in: bucket, group: group, bytes: text.utf8)
  }

  /// Puts a copy of an object, or of a part of one. See ``put(_:in:group:bytes:)``.
  @discardableResult
  public func put(_ key: String? = nil, in bucket: String, group: String? = nil, bytes: ObjectView) throws -> String {
    var loan = try create(key, in: bucket, group: group, size: bytes.count)
    try loan.fill(from: bytes)
    return try loan.put()
  }

  /// Lends shared memory for an object of so many bytes, to be written in place and then put.
  public func create(_ key: String? = nil, in bucket: String, group: String? = nil, size: Int) throws -> Loan {
    let place = try attempt.allocate(size)
    return Loan(place: place, attempt: attempt, bucket: bucket, group: group, key: key ?? attempt.nextKey())
  }

  /// Announces to a dynamic join of the bucket which keys to wait for, in the order in which its target gets them.
  /// An empty list is an announcement too: that nothing will come from here.
  public func expect(_ keys: some Sequence<String>, in bucket: String) throws {
    try attempt.expect(Array(keys), bucket: bucket)
  }

  /// Adds an output to the session's answer. Each name may be used once; the empty one is the default.
  public func output(_ bytes: some Collection<UInt8>, name: String = "") throws {
    let place = try attempt.allocate(bytes.count)
    try place.segment?.write(bytes, at: place.offset)
    try attempt.output(place, name: name)
  }

  /// Adds a text to the session's answer, as UTF-8.
  public func output(_ text: String, name: String = "") throws { try output(text.utf8, name: name) }

  /// Adds a copy of an object to the session's answer.
  public func output(_ view: ObjectView, name: String = "") throws {
    var loan = Loan(place: try attempt.allocate(view.count), attempt: attempt, bucket: "", group: nil, key: "")
    try loan.fill(from: view)
    try attempt.output(loan.place, name: name)
  }
}

extension Loan {
  mutating func fill(from view: ObjectView) throws {
    try unsafe withUnsafeMutableBytes { target in
      view.withBytes { span in
        unsafe span.withUnsafeBytes { unsafe target.copyMemory(from: $0) }
      }
    }
  }
}
