package import Dataflow

/// Transitions of a running invocation that ends well, and what its objects set off.
extension SessionEngine {
  /// An attempt has ended well, and its objects' bytes are sound. All of it becomes visible at once, or none of it.
  package mutating func attemptCommitted(
    invocation number: Int, attempt: Int, commit: Commit, now: Moment
  ) -> [SessionAction] {
    guard outcome == nil, let state = invocations[number], state.attempt == attempt, state.phase == .running else {
      // Another attempt was first, or nobody needs this one any more: everything it made vanishes.
      return commit.handles.map { .release(handle: $0) }
    }
    return event(at: now) { engine in
      if let objection = engine.objection(to: commit, by: state) {
        engine.actions += commit.handles.map { .release(handle: $0) }
        engine.fail(number, state, message: objection, isRetryable: false)
      } else {
        engine.accept(commit, of: number, state)
      }
    }
  }

  /// Why a commit is refused: a bucket that is not there or was not declared, or a key that somebody has put.
  private func objection(to commit: Commit, by state: Invocation) -> String? {
    let function = compiled.plan.functions[state.function].name
    var own: [Int: Set<String>] = [:]
    for put in commit.puts {
      guard let bucket = compiled.bucket(put.bucket) else {
        return "\(state.name) put \"\(put.key)\" into bucket \"\(put.bucket)\", which workflow "
          + "\"\(compiled.plan.workflow)\" does not have; create the Bucket or correct the name"
      }
      if let allowed = compiled.allowedBuckets[state.function], !allowed.contains(bucket) {
        return
          "\(state.name) put \"\(put.key)\" into bucket \"\(put.bucket)\", which function \"\(function)\" does not "
          + "declare; add it to the function's outputs in the Workflow"
      }
      if let producer = producers[bucket][put.key] {
        return
          "ObjectExists: \(state.name) put \"\(put.key)\" into bucket \"\(put.bucket)\", but \(producer) has put it "
          + "before; objects are immutable, so give each its own key"
      }
      if !own[bucket, default: []].insert(put.key).inserted {
        return
          "ObjectExists: \(state.name) put \"\(put.key)\" into bucket \"\(put.bucket)\" twice; give each its own key"
      }
    }
    for announcement in commit.announcements where compiled.bucket(announcement.bucket) == nil {
      return "\(state.name) announced keys for bucket \"\(announcement.bucket)\", which workflow "
        + "\"\(compiled.plan.workflow)\" does not have; create the Bucket or correct the name"
    }
    return nil
  }

  private mutating func accept(_ commit: Commit, of number: Int, _ state: Invocation) {
    log.record(.committed(state.name, puts: commit.puts.count, outputs: commit.outputs.count), at: now)
    invocations[number] = nil
    for output in commit.outputs {
      outputs.append(output)
      holders[output.handle] = 1
    }
    // All of them are held before the first is published, since publishing may end the session, which lets go of all.
    for put in commit.puts { holders[put.handle] = 1 }
    for trigger in compiled.announcements[state.function] {
      let bucket = compiled.plan.buckets[compiled.triggers[trigger].bucket].name
      let keys = commit.announcements.filter { $0.bucket == bucket }.flatMap(\.keys)
      if !keys.isEmpty { log.record(.announced(by: state.name, bucket: bucket, count: keys.count), at: now) }
      tell(trigger, .announced(keys))
    }
    for put in commit.puts {
      guard let bucket = compiled.bucket(put.bucket) else { continue }
      producers[bucket][put.key] = state.name
      publish(ObjectReference(bucket: bucket, key: put.key, group: put.group, handle: put.handle), by: state.name)
    }
    retire(number, state)
  }

  /// Makes an object visible to every trigger of its bucket, and ends the caller's own hold on it.
  mutating func publish(_ object: ObjectReference, by producer: String) {
    guard outcome == nil, let bucket = object.bucket else { return }
    log.record(.put(by: producer, bucket: compiled.plan.buckets[bucket].name, key: object.key), at: now)
    let range = compiled.triggersOfBucket[bucket]
    // The caller's own hold lets the object outlive the loop.
    holders[object.handle, default: 0] += range.count
    for trigger in range where outcome == nil { tell(trigger, .objectArrived(object)) }
    letGo(object.handle)
  }

  /// Tells a trigger a fact and carries out its verdict.
  mutating func tell(_ trigger: Int, _ fact: TriggerFact) {
    let verdict = triggers[trigger].update(fact)
    let rule = compiled.triggers[trigger]
    for inputs in verdict.firings {
      firedCounts[trigger] += 1
      var hash = StableHash()
      hash.update(field: rule.name)
      hash.update(field: session)
      for input in inputs { hash.update(field: input.key) }
      log.record(.fired(rule.name, target: rule.plan.target, inputs: inputs.count), at: now)
      invoke(rule.target, firing: hash.finish(), inputs: inputs)
    }
    for object in verdict.released { letGo(object.handle) }
  }

  /// Makes an invocation and queues its first attempt.
  mutating func invoke(_ function: Int, firing: String, inputs: [ObjectReference]) {
    guard outcome == nil else { return }
    guard invocationCount < compiled.plan.invocationLimit else {
      return end(
        .failed,
        "the session has made \(invocationCount) invocations, as many as it may; look for a loop that does not end, or "
          + "raise spec.sessionLimits.invocations")
    }
    let number = invocationCount
    invocationCount += 1
    let state = Invocation(
      function: function, name: "\(compiled.plan.functions[function].name)#\(invocationsOfFunction[function])",
      firing: firing, inputs: inputs)
    invocationsOfFunction[function] += 1
    invocations[number] = state
    closing.becameLive(compiled.component(ofFunction: function))
    for input in inputs { holders[input.handle, default: 0] += 1 }
    actions.append(.enqueue(attempt(of: number, state)))
  }

  func attempt(of number: Int, _ state: Invocation) -> Attempt {
    Attempt(
      invocation: number, attempt: state.attempt, function: state.function, firing: state.firing, inputs: state.inputs,
      timeout: compiled.plan.functions[state.function].timeout)
  }

  /// The invocation has ended for good: its inputs go, and with it perhaps the last thing that could reach a bucket.
  mutating func retire(_ number: Int, _ state: Invocation) {
    invocations[number] = nil
    for input in state.inputs { letGo(input.handle) }
    closing.ended(compiled.component(ofFunction: state.function))
  }

  mutating func letGo(_ handle: UInt64) {
    guard let count = holders[handle] else { return }
    if count > 1 {
      holders[handle] = count - 1
    } else {
      holders[handle] = nil
      actions.append(.release(handle: handle))
    }
  }
}
