extension FunctionContext {
  /// Puts an object into a bucket; the bytes are copied once, into shared memory.
  ///
  /// - Parameters:
  ///   - key: the object's key, different from all others of the bucket and session. Left out, it is made of the
  ///     firing and a counter, so that every attempt that puts in the same order makes the same keys. A function that
  ///     publishes immediately must give the same keys in every attempt, as the first put of a key is the one that
  ///     counts.
  ///   - bucket: a bucket of this workflow.
  ///   - group: for `dynamicGroup`; left out, it is the key up to its first colon.
  ///   - bytes: the object.
  /// - Returns: the key.
  /// - Throws: `FunctionError` when the key was put before by this attempt, a name is too long, or the object can never
  ///   fit the pod's memory; `CancellationError` when nobody needs the attempt any more.
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

  /// Lends shared memory for an object of so many bytes, to be written in place and then put. See
  /// ``put(_:in:group:bytes:)``.
  public func create(_ key: String? = nil, in bucket: String, group: String? = nil, size: Int) throws -> Loan {
    try attempt.lend(size, to: .bucket(bucket), key: key, group: group)
  }

  /// Announces to a dynamic join of the bucket which keys to wait for, in the order in which its target gets them.
  /// An empty list is an announcement too: that nothing will come from here. It is made when the invocation commits.
  ///
  /// - Throws: `FunctionError`, not retryable, when a key is empty or longer than 1,024 bytes.
  public func expect(_ keys: some Sequence<String>, in bucket: String) throws {
    try attempt.expect(Array(keys), bucket: bucket)
  }

  /// Adds an output to the session's answer, when the invocation commits. Each name may be used once; the empty one is
  /// the default.
  public func output(_ bytes: some Collection<UInt8>, name: String = "") throws {
    var loan = try attempt.lend(bytes.count, to: .output, key: name, group: nil)
    try loan.write(bytes)
    try loan.put()
  }

  /// Adds a text to the session's answer, as UTF-8. See ``output(_:name:)``.
  public func output(_ text: String, name: String = "") throws { try output(text.utf8, name: name) }

  /// Adds a copy of an object to the session's answer. See ``output(_:name:)``.
  public func output(_ view: ObjectView, name: String = "") throws {
    var loan = try attempt.lend(view.count, to: .output, key: name, group: nil)
    try loan.fill(from: view)
    try loan.put()
  }
}
