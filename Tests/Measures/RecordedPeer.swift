/// What was measured of others on another day, on a virtual machine of two processors. It is cited for orientation and is
/// not measured again: how the others are installed and driven is their own.
package struct RecordedPeer: Codable {
  package var name: String
  /// From sending to the next function's start.
  package var handOver: String
  /// All of a chain of 1000 functions.
  package var chain: String
  /// 1000 functions and their join.
  package var fan: String
  package var sessionsPerSecond: String
  /// The hand-over of an object of 100 MB.
  package var large: String
  /// Under what conditions.
  package var conditions: String

  private init(
    _ name: String, _ handOver: String, _ chain: String, _ fan: String, _ sessions: String, _ large: String,
    _ conditions: String
  ) {
    self.name = name
    self.handOver = handOver
    self.chain = chain
    self.fan = fan
    sessionsPerSecond = sessions
    self.large = large
    self.conditions = conditions
  }

  package static let all = [
    RecordedPeer(
      "Redis 7.0 lists", "39 µs", "30 ms", "33 ms", "11,000", "507 ms", "Unix socket, C clients with hiredis"),
    RecordedPeer(
      "NATS core", "92 µs", "66-85 ms", "10-16 ms", "47,900", "138 ms for 60 MB",
      "C clients; a message is lost for good"),
    RecordedPeer(
      "Ray Compiled Graph", "42 µs", "66 ms", "", "", "8.8 ms", "spins: 170-190 % of a core while idle"),
    RecordedPeer("Ray actors", "0.91 ms", "", "", "2,400", "30 ms", "Python"),
    RecordedPeer("Ray tasks", "1.64 ms", "", "", "750", "47 ms", "Python"),
    RecordedPeer("Dask distributed", "7.8 ms", "", "", "262", "", "Python"),
    RecordedPeer(
      "the paper's system", "9.5-14.5 µs", "23-77 ms", "", "1,000-6,300", "0.3-0.5 ms, 86-392 ms to create",
      "C++; its scheduler spins: 99 % of a core while idle; 6.5 µs without its logs"),
    RecordedPeer("the paper's system", "7.9 ms", "", "", "", "", "C++; as it is delivered, everything polls"),
  ]

  static let heading = [
    "recorded, not measured here", "hand-over", "chain 1000", "fan 1000", "sessions/s", "100 MB", "conditions",
  ]

  var row: [String] {
    [name, handOver, chain, fan, sessionsPerSecond, large].map { $0.isEmpty ? "-" : $0 } + [conditions]
  }
}
