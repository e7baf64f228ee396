extension FunctionContext {
  /// Sends an object straight to a function, which is invoked with it as its single input once this invocation commits.
  /// The bytes are copied once, into shared memory.
  ///
  /// - Parameters:
  ///   - function: a function of this workflow; `calls` of this one in the Workflow has to name it.
  ///   - key: the object's key, which no other object that is sent to this function in the session has. Left out, it is
  ///     made of the firing and a counter, so that every attempt that calls in the same order makes the same keys.
  ///   - group: for the function to read, as a bucket's object has one; left out, it is the key up to its first colon.
  ///   - bytes: the object.
  /// - Returns: the key.
  /// - Throws: `FunctionError` when this attempt has called the function with the key before, a name is too long, the
  ///   object can never fit the pod's memory, or the pod's sidecar is too old to know calls; `CancellationError` when
  ///   nobody needs the attempt any more.
  @discardableResult
  public func call(
    _ function: String, key: String? = nil, group: String? = nil, bytes: some Collection<UInt8>
  ) throws -> String {
    var loan = try create(key, for: function, group: group, size: bytes.count)
    try loan.write(bytes)
    return try loan.put()
  }

  /// Sends a text, as UTF-8. See ``call(_:key:group:bytes:)``.
  @discardableResult
  public func call(_ function: String, key: String? = nil, group: String? = nil, text: String) throws -> String {
    try call(function, key: key, group: group, bytes: text.utf8)
  }

  /// Sends a copy of an object, or of a part of one. See ``call(_:key:group:bytes:)``.
  @discardableResult
  public func call(_ function: String, key: String? = nil, group: String? = nil, bytes: ObjectView) throws -> String {
    var loan = try create(key, for: function, group: group, size: bytes.count)
    try loan.fill(from: bytes)
    return try loan.put()
  }

  /// Lends shared memory for an object of so many bytes that is to go straight to a function, to be written in place and
  /// then put. See ``call(_:key:group:bytes:)``.
  public func create(_ key: String? = nil, for function: String, group: String? = nil, size: Int) throws -> Loan {
    try attempt.lend(size, to: .function(function), key: key, group: group)
  }
}
