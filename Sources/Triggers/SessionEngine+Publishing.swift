import Dataflow

/// What an object sets off, and how long it is held.
extension SessionEngine {
  /// Makes an object visible to every trigger of its bucket, and ends the caller's own hold on it.
  mutating func publish(_ object: ObjectReference, by producer: InvocationName) {
    guard outcome == nil, let bucket = object.bucket else { return }
    log.record(.put(by: producer, bucket: bucket, key: object.key), at: now)
    let range = compiled.triggersOfBucket[bucket]
    for trigger in range where outcome == nil {
      if compiled.triggers[trigger].isWorkflowScoped {
        triggers[trigger].handedOverCount += 1
        actions.append(.handOver(trigger: trigger, object))
      } else {
        // The caller's own hold lets the object outlive the loop.
        holders[object.handle, default: 0] += 1
        tell(trigger, .objectArrived(object))
      }
    }
    letGo(object.handle)
  }

  /// Tells a trigger a fact and carries out its verdict.
  mutating func tell(_ trigger: Int, _ fact: TriggerFact) {
    let verdict = triggers[trigger].state.update(fact, now: now)
    if verdict.isLate { noteLate(verdict.released, for: trigger) }
    for inputs in verdict.firings { fire(trigger, inputs) }
    for object in verdict.released { letGo(object.handle) }
  }

  private mutating func fire(_ trigger: Int, _ inputs: [ObjectReference]) {
    guard outcome == nil else { return }
    triggers[trigger].firedCount += 1
    let rule = compiled.triggers[trigger]
    var firing = FiringID(trigger: rule.name, session: session)
    for input in inputs { firing.add(key: input.key) }
    log.record(.fired(trigger: trigger, inputs: inputs.count), at: now)
    if case .redundant = rule.plan.primitive { spareSuperfluous() }
    invoke(rule.target, firing: firing.finish(), inputs: inputs)
  }

  private mutating func noteLate(_ objects: [ObjectReference], for trigger: Int) {
    triggers[trigger].ignoredCount += objects.count
    let room = TriggerProgress.keptIgnoredKeys - triggers[trigger].ignoredKeys.count
    triggers[trigger].ignoredKeys += objects.prefix(max(0, room)).map(\.key)
    for object in objects { log.record(.ignored(trigger: trigger, key: object.key), at: now) }
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
