import Dataflow

@testable import Triggers

/// One thing that a trigger is told, and when. A list of them is a story; what is told of an object is its handle, so that
/// objects can be told apart even if they share a key.
struct Telling: Sendable, Hashable, CustomStringConvertible {
  enum What: Sendable, Hashable {
    case began
    case object(key: String, group: String?, handle: UInt64)
    case announced([String])
    case stageEnded
    case timeCame
    case idle
    case closed
  }

  var what: What
  var at: Moment

  var fact: TriggerFact {
    switch what {
    case .began: .began
    case .object(let key, let group, let handle):
      .objectArrived(ObjectReference(bucket: 0, key: Label(key), group: group, handle: handle))
    case .announced(let keys): .announced(keys.map { Label($0) })
    case .stageEnded: .stageEnded
    case .timeCame: .timeCame
    case .idle: .bucketIdle
    case .closed: .bucketClosed
    }
  }

  var handle: UInt64? { if case .object(_, _, let handle) = what { handle } else { nil } }
  var key: String? { if case .object(let key, _, _) = what { key } else { nil } }

  var description: String { "\(what) at \(at.monotonic) (wall \(at.wall))" }
}

extension Telling {
  /// Keys of which sets, joins and groups can be made, and some that are awkward.
  static let keys = ["red", "green", "yellow", "violet", "", "a|b", "g:1", "g:2", "h:\u{0}", ":", "e\u{301}:x"]

  /// A random story, without beginning and end.
  ///
  /// - Parameter keysRepeat: whether one key may come more than once, which a session never lets happen.
  static func story(_ random: inout SeededGenerator, length: Int, keysRepeat: Bool) -> [Telling] {
    var now = Moment(monotonic: .seconds(random.below(100)), wall: .seconds(random.below(4000) - 2000))
    var story: [Telling] = []
    var unused = keys.shuffled(using: &random) + (0..<length).map { "more\($0)" }
    for step in 0..<length {
      if random.below(3) == 0 { now = now + .milliseconds(random.below(1500)) }
      if random.below(12) == 0 { now.wall += .milliseconds(random.below(20_000) - 10_000) }
      let what: What =
        switch random.below(12) {
        case 0: .announced((0..<random.below(4)).map { _ in keys[random.below(keys.count)] })
        case 1: random.below(3) == 0 ? .stageEnded : .announced([])
        case 2, 3: .timeCame
        case 4: random.below(3) == 0 ? .idle : .timeCame
        default:
          .object(
            key: keysRepeat ? keys[random.below(keys.count)] : unused.removeLast(),
            group: random.below(3) == 0 ? keys[random.below(3)] : nil, handle: UInt64(step + 1))
        }
      story.append(Telling(what: what, at: now))
      // Unused keys are taken from both ends, so that the awkward ones come often.
      unused.reverse()
    }
    return story
  }

  /// The story as a host tells it: begun before, and at the end idle, then closed.
  static func whole(_ story: [Telling]) -> [Telling] {
    let zero = Moment(monotonic: .zero, wall: .zero)
    let (start, end) = (story.first?.at ?? zero, story.last?.at ?? zero)
    return [Telling(what: .began, at: start)] + story + [
      Telling(what: .idle, at: end), Telling(what: .closed, at: end),
    ]
  }
}
