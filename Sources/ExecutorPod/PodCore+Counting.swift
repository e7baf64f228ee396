import Dataflow
import Triggers

/// Figures for whoever asks what the pod does.
extension PodCore {
  /// How often triggers have fired, by the ordinal of the primitive; sessions that run included.
  package var firings: [UInt64] {
    var firings = totals.firings
    for session in sessions.values where session.endedAt == nil {
      session.engine.forEachFired { _, _, primitive, count in firings[primitive.ordinal] += UInt64(count) }
    }
    return firings
  }

  /// What followed from a report has been written to an executor, so long after the report was read.
  package mutating func handedOver(in duration: Duration) { totals.handOvers.observe(duration) }
}
