import Dataflow

@testable import Triggers

/// What every primitive keeps to, whatever it is told and in whatever order. Its host relies on it: a session or a pod holds
/// each object for each trigger until the trigger's verdict releases it.
struct PrimitiveConformance {
  private var state: PrimitiveState
  /// Objects that the trigger was given and has not released.
  private var held: Set<UInt64> = []
  private(set) var objections: [String] = []

  /// - Returns: what is wrong, in words; empty for a primitive that conforms.
  static func objections(to primitive: Primitive, told story: [Telling]) -> [String] {
    var first = PrimitiveConformance(primitive)
    let verdicts = first.play(story)
    var second = PrimitiveConformance(primitive)
    if second.play(story) != verdicts { first.objections.append("the same facts led to other verdicts") }
    return first.objections
  }

  private init(_ primitive: Primitive) { state = PrimitiveState(primitive, sessionTimeout: .seconds(60)) }

  private mutating func play(_ story: [Telling]) -> [TriggerVerdict] {
    var verdicts: [TriggerVerdict] = []
    for (index, telling) in story.enumerated() {
      let (lacksSomething, isOver) = (state.isIncomplete, state.awaited == nil)
      let verdict = state.update(telling.fact, now: telling.at)
      verdicts.append(verdict)
      check(verdict, of: telling, "telling \(index)")
      if telling.what == .closed, lacksSomething, !verdict.firings.isEmpty {
        objections.append("telling \(index): it lacked something, and fired when the bucket closed")
      }
      if isOver, !verdict.firings.isEmpty {
        objections.append("telling \(index): it waited for nothing, and fired")
      }
      checkAwaited("telling \(index)")
    }
    if story.last?.what == .closed, let end = story.last?.at { checkOver(at: end) }
    return verdicts
  }

  private mutating func check(_ verdict: TriggerVerdict, of telling: Telling, _ place: String) {
    if let handle = telling.handle { held.insert(handle) }
    for inputs in verdict.firings {
      let handles = inputs.map(\.handle)
      if Set(handles).count < handles.count { objections.append("\(place): one firing has an object twice") }
      for handle in handles where !held.contains(handle) {
        objections.append("\(place): it fires on object \(handle), which it does not hold")
      }
    }
    let released = verdict.released.map(\.handle)
    for handle in verdict.firings.joined().map(\.handle) where !released.contains(handle) {
      objections.append("\(place): it fires on object \(handle) and does not release it")
    }
    for handle in released where held.remove(handle) == nil {
      objections.append("\(place): it releases object \(handle), which it does not hold")
    }
    if verdict.isLate, released != [telling.handle] || !verdict.firings.isEmpty {
      objections.append("\(place): what is late is let go, and nothing else happens")
    }
    if state.heldCount != held.count {
      objections.append("\(place): it says that it holds \(state.heldCount) objects, not \(held.count)")
    }
    if telling.what == .timeCame, let due = state.due, due <= telling.at.monotonic {
      objections.append("\(place): the time has come, and it is still due")
    }
  }

  /// People are told what is awaited, in few words, as long as anything is held for it or missing.
  private mutating func checkAwaited(_ place: String) {
    guard let awaited = state.awaited else {
      if !held.isEmpty { objections.append("\(place): it waits for nothing, and holds \(held.sorted())") }
      if state.isIncomplete { objections.append("\(place): it lacks something, and does not say what") }
      return
    }
    if awaited.names.isEmpty || awaited.names.count > Awaited.namedAtMost || awaited.moreCount < 0 {
      objections.append("\(place): it names \(awaited.names.count) things that it waits for")
    }
  }

  /// A bucket that has closed: nothing is held, nothing is awaited, and asking again leads to nothing.
  private mutating func checkOver(at end: Moment) {
    if !held.isEmpty { objections.append("closed, it still holds \(held.sorted())") }
    if let due = state.due { objections.append("closed, it waits until \(due)") }
    let later = end + .seconds(1_000_000)
    for what: Telling.What in [.idle, .stageEnded, .announced(["red"]), .timeCame, .stageEnded, .idle, .closed] {
      if state.update(Telling(what: what, at: later).fact, now: later) != .wait {
        objections.append("closed, it still answers to \(what)")
      }
    }
  }
}
