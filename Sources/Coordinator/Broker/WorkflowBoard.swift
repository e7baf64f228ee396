import Dataflow
import FoundationEssentials
package import Wire

/// Everything that the coordinator holds of one workflow: the decisions, and what they are carried out with.
struct WorkflowBoard {
  var machine: PlacementStateMachine
  /// Whether the resource exists; pods may be seen before it is.
  var exists = false
  /// The function that payloads go to, as the resource says, sound or not.
  var entry: String?
  /// The last plan that was sound, as pods get it.
  var plan: WorkflowPlan?
  var planDocument: [UInt8] = []
  /// What is wrong with the resources as they are now.
  var findings: [Finding] = []
  /// By pod.
  var links: [String: any PodLink] = [:]
  /// What the sidecar of each linked pod understands.
  var features: [String: Features] = [:]
  var waiters: [String: [Waiter]] = [:]
  var tally = LoadTally()

  struct Waiter {
    var number: UInt64
    /// Waits for the end, not only for the request to be stored.
    var wantsEnd: Bool
    var outcome: OneShot<SessionOutcome>
  }
}

/// What those who wait for a session are told.
package enum SessionOutcome: Sendable, Hashable {
  case accepted
  case finished(SessionResult)
  case failed(PlacementFailure)
}

/// Adds up what the lives of a workflow's pods have counted. A life that is over keeps its share.
struct LoadTally {
  struct Life: Hashable {
    var pod: String
    var epoch: UInt64
  }

  private var lives: [Life: PodLoad] = [:]
  private var over: [Life] = []
  private var base: [String: (deadLetters: UInt64, fired: [String: UInt64])] = [:]
  private static let remembered = 64

  mutating func report(_ load: PodLoad, of life: Life) {
    lives[life] = load
    over.removeAll { $0 == life }
  }

  mutating func ended(_ life: Life) {
    guard lives[life] != nil, !over.contains(life) else { return }
    over.append(life)
    guard over.count > Self.remembered, let load = lives.removeValue(forKey: over.removeFirst()) else { return }
    for bucket in load.buckets {
      base[bucket.name, default: (0, [:])].deadLetters += bucket.deadLetters
      for trigger in bucket.triggers {
        base[bucket.name, default: (0, [:])].fired[trigger.name, default: 0] += trigger.fired
      }
    }
  }

  /// The buckets of a workflow, by name.
  func buckets() -> [String: BucketFigures] {
    var figures: [String: BucketFigures] = [:]
    for (name, old) in base {
      figures[name] = BucketFigures(deadLetters: old.deadLetters)
      for (trigger, fired) in old.fired { figures[name]?.triggers[trigger] = BucketFigures.Trigger(fired: fired) }
    }
    for (life, load) in lives {
      let isOver = over.contains(life)
      for bucket in load.buckets {
        var figure = figures[bucket.name] ?? BucketFigures()
        figure.deadLetters += bucket.deadLetters
        if !isOver {
          figure.objects += bucket.objects
          figure.bytes += bucket.bytes
        }
        for trigger in bucket.triggers {
          figure.triggers[trigger.name, default: BucketFigures.Trigger()].fired += trigger.fired
          if !isOver { figure.triggers[trigger.name, default: BucketFigures.Trigger()].pending += trigger.pending }
        }
        figures[bucket.name] = figure
      }
    }
    return figures
  }
}

/// The counters in the status of a `Bucket`.
package struct BucketFigures: Sendable, Hashable {
  package struct Trigger: Sendable, Hashable {
    package var fired: UInt64 = 0
    package var pending: UInt64 = 0
  }

  package var objects: UInt64 = 0
  package var bytes: UInt64 = 0
  package var deadLetters: UInt64 = 0
  package var triggers: [String: Trigger] = [:]

  init(deadLetters: UInt64 = 0) { self.deadLetters = deadLetters }
}
