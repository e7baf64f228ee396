/// What one chain of functions has told.
struct Chain {
  /// Nanoseconds of all of it.
  var total: Double
  /// Those of each hand-over that arrived in the process where it ended.
  var handOvers: [Double]
  /// From sending until all of an object was read, if that was asked for.
  var reads: [Double]
  /// Allocations of that process for each invocation.
  var allocations: Double

  init(_ pod: PodUnderTest, hops: Int, length: Int = 64, isRead: Bool = false) throws {
    let outputs = try pod.run("start", Relay(hops: hops, length: length, isRead: isRead).bytes)
    func times(_ name: String) -> [Double] { Times.decoded(outputs[name] ?? []).map(Double.init) }
    let own = times("")
    guard let total = own.first else { throw BenchError("a chain of \(hops) has told no times") }
    self.total = total
    handOvers = Array(own.dropFirst())
    reads = times("reads")
    allocations = times("allocations").first ?? 0
  }
}
