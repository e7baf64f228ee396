import Dataflow
import ExecutorPod
import Wire

/// A deliberately broken pod, to show that the invariants notice.
package enum Sabotage: String, Sendable, Hashable, CaseIterable {
  case loseAttempt = "an attempt is queued and never sent to its worker"
  case repeatAttempt = "an attempt is sent to its worker twice"
  case inventFiring = "another attempt of a firing goes by another id"
  case dropInput = "an attempt is given one input too few"
  case swapInputs = "an attempt is given its inputs in another order"
  case loseObject = "an object of a commit does not become visible"
  case loseOutput = "an output of a commit is lost"
  case commitFailure = "an attempt that failed commits what it has put"
  case swallowEnd = "a session ends and nobody is told"
  case repeatEnd = "a session's result is delivered twice"
  case ignoreCancel = "a session is cancelled and goes on"
  case freeEarly = "a segment goes while a worker reads it"
  case keepSegment = "a segment that is freed stays"
  case overwrite = "a payload is written over another object"
  case forgetRanges = "an arena that objects lie in is sent to be written from its beginning"
  case loseGrant = "a worker waits for memory that it is given and not told of"
  case neverSeal = "segments are not sealed"
  case hideDeath = "a worker's death is not noticed"
  case skipTimers = "timers do not go off"
  case loseFiring = "objects are overlooked in a plan with a redundant trigger"
  case dropGathering = "the timer of what is gathered is dropped"
  case hurryGathering = "what is gathered goes before its time"
  case trustLies = "a worker that lies is not closed"

  /// What notices it. Several may, whichever comes first.
  package var noticedBy: Set<Failure.Invariant> {
    switch self {
    case .loseAttempt: [.sessionEnds, .outcome]
    case .skipTimers: [.sessionEnds, .firings]
    case .repeatAttempt: [.protocolOrder]
    case .inventFiring: [.firings, .oneCommit, .outcome]
    case .dropInput, .swapInputs, .loseObject: [.firings, .outcome]
    case .loseOutput: [.outcome]
    case .commitFailure: [.firings, .outcome, .readable, .sessionEnds]
    case .swallowEnd: [.tables, .sessionEnds]
    case .repeatEnd: [.delivery]
    case .ignoreCancel: [.sessionEnds]
    case .freeEarly: [.readable, .memory]
    case .keepSegment: [.memory]
    case .overwrite: [.readable]
    case .forgetRanges: [.readable, .protocolOrder, .honesty, .firings]
    case .loseGrant: [.sessionEnds]
    case .neverSeal: [.protocolOrder]
    case .hideDeath: [.tables, .sessionEnds]
    case .loseFiring, .dropGathering, .hurryGathering: [.firings]
    case .trustLies: [.honesty, .tables, .outcome]
    }
  }
}

/// Stands between the pod and its surroundings, and breaks what passes now and then.
struct Saboteur {
  let sabotage: Sabotage
  private var chances = 0

  init(_ sabotage: Sabotage) { self.sabotage = sabotage }

  /// Not at the first chance, so that what is broken has begun well.
  private mutating func strikes() -> Bool {
    chances += 1
    return chances % 3 == 0
  }

  mutating func swallows(_ frame: CoordinatorFrame) -> Bool {
    if sabotage == .ignoreCancel, case .cancel = frame { strikes() } else { false }
  }

  mutating func hidesDeath() -> Bool { sabotage == .hideDeath && strikes() }
  var stopsTimers: Bool { sabotage == .skipTimers }

  /// The plan that the pod runs by, which thinks that it is another.
  func change(_ plan: WorkflowPlan) -> WorkflowPlan {
    let hasRedundancy = plan.buckets.contains { bucket in
      bucket.triggers.contains { if case .redundant = $0.primitive { true } else { false } }
    }
    var changed = plan
    for bucket in plan.buckets.indices {
      for trigger in plan.buckets[bucket].triggers.indices {
        let primitive = plan.buckets[bucket].triggers[trigger].primitive
        changed.buckets[bucket].triggers[trigger].primitive = change(primitive, hasRedundancy)
      }
    }
    return changed
  }

  private func change(_ primitive: Primitive, _ hasRedundancy: Bool) -> Primitive {
    let wait = sabotage == .hurryGathering ? "1ms" : "1000h"
    switch (sabotage, primitive) {
    case (.loseFiring, .immediate) where hasRedundancy: return .byName(["k0", "k1", "k2", "k3"])
    case (.dropGathering, .byTime(var window)), (.hurryGathering, .byTime(var window)):
      window.window = wait
      return .byTime(window)
    case (.dropGathering, .byBatchSize(var batch)), (.hurryGathering, .byBatchSize(var batch)):
      batch.maxWait = wait
      return .byBatchSize(batch)
    default: return primitive
    }
  }

  mutating func change(_ frame: WorkerFrame) -> WorkerFrame {
    guard case .finished(var finished) = frame else { return frame }
    switch (sabotage, finished.result) {
    case (.loseObject, .committed(var transaction)) where !transaction.puts.isEmpty && strikes():
      transaction.puts.removeLast()
      finished.result = .committed(transaction)
    case (.loseOutput, .committed(var transaction)) where !transaction.outputs.isEmpty && strikes():
      transaction.outputs.removeLast()
      finished.result = .committed(transaction)
    case (.commitFailure, .failed) where strikes(): finished.result = .committed(Transaction())
    default: break
    }
    return .finished(finished)
  }

  mutating func change(_ action: PodAction) -> [PodAction] {
    switch (sabotage, action) {
    case (.loseAttempt, .send(_, .invoke, _)) where strikes(): []
    case (.repeatAttempt, .send(_, .invoke, _)) where strikes(): [action, action]
    case (.inventFiring, .send(let connection, .invoke(let invoke), _)) where invoke.attempt > 1:
      [.send(connection: connection, .invoke(changed(invoke) { $0.firing = Label($0.firing.text + "'") }))]
    case (.dropInput, .send(let connection, .invoke(let invoke), _)) where !invoke.inputs.isEmpty && strikes():
      [.send(connection: connection, .invoke(changed(invoke) { $0.inputs.removeLast() }))]
    case (.swapInputs, .send(let connection, .invoke(let invoke), _)) where invoke.inputs.count > 1:
      [.send(connection: connection, .invoke(changed(invoke) { $0.inputs.reverse() }))]
    case (.swallowEnd, .deliver(_, _, _, _, nil)) where strikes(): []
    case (.repeatEnd, .deliver(_, _, _, _, nil)) where strikes(): [action, action]
    case (.freeEarly, .send(_, .invoke(let invoke), _)): early(invoke, action)
    case (.keepSegment, .destroySegment) where strikes(): []
    case (.overwrite, .write(let bytes, let segment, let offset)) where offset > 0 && strikes():
      [action, .write(bytes, segment: segment, offset: 0)]
    case (.forgetRanges, .send(let connection, .recycle(let segment, let invocation, let free), _)) where !free.isEmpty:
      [.send(connection: connection, .recycle(segment: segment, invocation: invocation))]
    case (.loseGrant, .send(_, .grant, _)) where strikes(): []
    case (.neverSeal, .sealSegment) where strikes(): []
    case (.trustLies, .close) where strikes(): []
    default: [action]
    }
  }

  private mutating func early(_ invoke: SidecarFrame.Invoke, _ action: PodAction) -> [PodAction] {
    guard let segment = invoke.inputs.first(where: { $0.location.length > 0 })?.location.segment, strikes() else {
      return [action]
    }
    return [action, .destroySegment(segment)]
  }

  private func changed(
    _ invoke: SidecarFrame.Invoke, _ change: (inout SidecarFrame.Invoke) -> Void
  ) -> SidecarFrame.Invoke {
    var copy = invoke
    change(&copy)
    return copy
  }
}
