import Dataflow

/// `immediate`: fires once per object, at once. A sequence, and with many objects a fan-out.
struct ImmediateTrigger: TriggerPrimitive {
  mutating func objectArrived(_ object: ObjectReference, now: Moment) -> TriggerVerdict { .fire([object]) }

  var awaited: Awaited? { Awaited("an object", from: .bucket) }
}
