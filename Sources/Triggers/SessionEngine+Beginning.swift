import Dataflow

/// How a session begins.
extension SessionEngine {
  mutating func requested(_ function: Int, payload: UInt64) {
    log.record(.requested(function: function), at: now)
    let firing = Label(StableHash.digest(of: "entry", session, compiled.plan.functions[function].name))
    invoke(function, firing: firing, inputs: [ObjectReference(bucket: nil, key: "", handle: payload)])
  }

  mutating func enteredBucket(_ bucket: Int, key: String, group: String?, payload: UInt64) {
    let key = Label(key)
    producers[bucket][key] = .request
    keyCount += 1
    hold(payload)
    publish(ObjectReference(bucket: bucket, key: key, group: group, handle: payload), by: .request)
  }

  mutating func derived(_ trigger: Int, firing: String, inputs: [ObjectReference]) {
    log.record(.fired(trigger: trigger, inputs: inputs.count), at: now)
    invoke(compiled.triggers[trigger].target, firing: Label(firing), inputs: inputs)
  }
}
