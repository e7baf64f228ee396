import Dataflow

/// A fact that a trigger is told.
enum TriggerFact {
  case began
  case objectArrived(ObjectReference)
  case announced([Label])
  case stageEnded
  case bucketIdle
  case bucketClosed
  case timeCame
}

extension TriggerPrimitive {
  mutating func tell(_ fact: TriggerFact, now: Moment) -> TriggerVerdict {
    switch fact {
    case .began: began(now: now)
    case .objectArrived(let object): objectArrived(object, now: now)
    case .announced(let keys): announced(keys)
    case .stageEnded: stageEnded()
    case .bucketIdle: bucketIdle()
    case .bucketClosed: bucketClosed()
    case .timeCame: timeCame(now: now)
    }
  }
}
