import Dataflow

/// An attempt that ends well: all that it made becomes visible at once, or none of it.
extension SessionEngine {
  mutating func committed(_ commit: Commit, by number: Int, _ attempt: Int) {
    guard invocations.change(Self.key(number), { $0.isRunning(attempt) }) == true,
      let invocation = invocations.removeValue(for: Self.key(number))
    else {
      // Another attempt was first, or nobody needs this one any more: everything it made vanishes.
      return release(commit.handles)
    }
    if let objection = objection(to: commit, by: invocation) {
      invocations.insert(invocation, for: Self.key(number))
      release(commit.handles)
      return fail(number, attempt, message: objection, isRetryable: false)
    }
    for other in invocation.attempts where other.number != attempt {
      actions.append(.withdraw(invocation: number, attempt: other.number))
    }
    accept(commit, of: number, invocation)
  }

  private mutating func accept(_ commit: Commit, of number: Int, _ invocation: Invocation) {
    let name = invocation.name
    log.record(
      .committed(name, puts: commit.puts.count + commit.calls.count, outputs: commit.outputs.count), at: now)
    if !commit.outputs.isEmpty { outputs += commit.outputs }
    // All of them are held before the first is published, since publishing may end the session, which lets go of all.
    commit.forEachHandle { holders.insert(1, for: $0) }
    for trigger in compiled.announcements[Int(name.function)] {
      let bucket = compiled.triggers[trigger].bucket
      let keys = commit.announcements.filter { compiled.bucket($0.bucket) == bucket }.flatMap(\.keys).map { Label($0) }
      if !keys.isEmpty { log.record(.announced(by: name, bucket: bucket, count: keys.count), at: now) }
      tell(trigger, .announced(keys))
    }
    for put in commit.puts where outcome == nil {
      guard let bucket = compiled.bucket(put.bucket) else { continue }
      if isFirst(put, in: bucket, by: invocation) {
        publish(ObjectReference(bucket: bucket, key: put.key, group: put.group, handle: put.handle), by: name)
      } else {
        letGo(put.handle)
      }
    }
    for (index, call) in commit.calls.enumerated() where outcome == nil {
      guard let function = compiled.function(call.function) else { continue }
      log.record(.called(by: name, function: function), at: now)
      let input = ObjectReference(bucket: nil, key: call.key, group: call.group, handle: call.handle)
      invoke(function, firing: Self.firing(ofCall: index, by: invocation), inputs: [input])
      letGo(call.handle)
    }
    retire(number, invocation)
  }

  private static func firing(ofCall index: Int, by invocation: Invocation) -> Label {
    var hash = StableHash()
    hash.update(field: "call")
    hash.update(field: invocation.firing)
    hash.update(field: String(index))
    return Label(hash.digest())
  }

  /// A streaming attempt has put an object, which is visible from now on. What an earlier attempt of the invocation has put
  /// under the key stays; this one vanishes.
  mutating func published(_ put: Commit.Put, by number: Int, _ attempt: Int) {
    guard let (bucket, name, index) = admit(put, by: number, attempt) else { return }
    let change = invocations.change(Self.key(number)) { invocation in
      var published = invocation.published.take() ?? Invocation.Published()
      defer { invocation.published = published }
      published.buckets.insert(bucket)
      return index.map { published.indices[bucket, default: IndexRuns()].insert($0) }
    }
    keyCount += (change ?? 0) ?? 0
    holders.insert(1, for: put.handle)
    publish(ObjectReference(bucket: bucket, key: put.key, group: put.group, handle: put.handle), by: name)
  }

  /// Where a streaming attempt's object goes, unless it is let go, and the index of its key if that is a default one. Apart
  /// from `published`, so that no copy of the invocation stands when the keys that it has published are added to.
  private mutating func admit(
    _ put: Commit.Put, by number: Int, _ attempt: Int
  ) -> (bucket: Int, name: InvocationName, index: Int?)? {
    guard let invocation = invocations[Self.key(number)], invocation.isRunning(attempt) else {
      release([put.handle])
      return nil
    }
    if let objection = objection(to: Commit(puts: [put]), by: invocation) {
      release([put.handle])
      // The handler still runs: it is told that nobody needs it.
      actions.append(.withdraw(invocation: number, attempt: attempt))
      fail(number, attempt, message: objection, isRetryable: false)
      return nil
    }
    guard let bucket = compiled.bucket(put.bucket), isFirst(put, in: bucket, by: invocation) else {
      release([put.handle])
      return nil
    }
    return (bucket, invocation.name, DefaultKey.index(of: put.key, firing: invocation.firing))
  }

  /// Whether the invocation has not published the key before; if so, it is remembered: a default key for a while, since no
  /// other invocation makes it, any other for good.
  private mutating func isFirst(_ put: Commit.Put, in bucket: Int, by invocation: Invocation) -> Bool {
    if let index = DefaultKey.index(of: put.key, firing: invocation.firing) {
      if invocation.published?.indices[bucket]?.contains(index) == true { return false }
      recentKeys.insert(put.key, in: bucket, by: invocation.name)
    } else {
      if producers[bucket][put.key] == invocation.name { return false }
      producers[bucket][put.key] = invocation.name
      keyCount += 1
    }
    return true
  }

  private mutating func release(_ handles: [UInt64]) { actions += handles.map { .release(handle: $0) } }
}
