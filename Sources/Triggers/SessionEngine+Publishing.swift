import Dataflow

/// What an object sets off, and how long it is held.
extension SessionEngine {
  /// Makes an object visible to every trigger of its bucket, and ends the caller's own hold on it.
  mutating func publish(_ object: ObjectReference, by producer: InvocationName) {
    guard outcome == nil, let bucket = object.bucket else { return }
    log.record(.put(by: producer, bucket: bucket, key: object.key), at: now)
    let range = compiled.triggersOfBucket[bucket]
    for trigger in range where outcome == nil {
      if compiled.rules[trigger].isWorkflowScoped {
        triggers[trigger].handedOverCount += 1
        actions.append(.handOver(trigger: trigger, object))
      } else {
        // The caller's own hold lets the object outlive the loop.
        hold(object.handle)
        tell(trigger, .objectArrived(object))
      }
    }
    letGo(object.handle)
  }

  /// Tells a trigger a fact and carries out its verdict.
  mutating func tell(_ trigger: Int, _ fact: TriggerFact) {
    switch triggers[trigger].state.update(fact, now: now).kind {
    case .wait: break
    case .fire(let inputs):
      fire(trigger, inputs)
      for index in inputs.indices { letGo(inputs[index].handle) }
    case .other(let firings, let released, let isLate):
      if isLate { noteLate(released, for: trigger) }
      for inputs in firings { fire(trigger, inputs) }
      for object in released { letGo(object.handle) }
    }
  }

  private mutating func fire(_ trigger: Int, _ inputs: [ObjectReference]) {
    guard outcome == nil else { return }
    triggers[trigger].firedCount += 1
    let rule = compiled.rules[trigger]
    var firing = rule.firing.of(session: session)
    for index in inputs.indices { firing.add(key: inputs[index].key) }
    log.record(.fired(trigger: trigger, inputs: inputs.count), at: now)
    if rule.isRedundant { spareSuperfluous() }
    invoke(rule.target, firing: firing.finish(), inputs: inputs)
  }

  private mutating func noteLate(_ objects: [ObjectReference], for trigger: Int) {
    triggers[trigger].ignoredCount += objects.count
    let room = TriggerProgress.keptIgnoredKeys - triggers[trigger].ignoredKeys.count
    triggers[trigger].ignoredKeys += objects.prefix(max(0, room)).map(\.key.text)
    for object in objects { log.record(.ignored(trigger: trigger, key: object.key), at: now) }
  }

  /// One more trigger or invocation needs the object.
  mutating func hold(_ handle: UInt64) { holders.change(handle, default: 0) { $0 += 1 } }

  mutating func letGo(_ handle: UInt64) {
    let left = holders.change(handle) { count in
      count -= 1
      return count
    }
    guard left == 0 else { return }
    holders.removeValue(for: handle)
    actions.append(.release(handle: handle))
  }
}
