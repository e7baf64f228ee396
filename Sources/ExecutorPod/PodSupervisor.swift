/// The process that starts and ends the workers of one container.
package struct PodSupervisor: Sendable, Hashable {
  package var connection: UInt64
  /// Whether it tells how its workers have ended.
  package var tellsEndings: Bool
}
