/// Pheromone and Redis side by side, from one run.
package struct Comparison: Codable {
  /// The same work on both.
  package enum Pattern: String, Codable, CaseIterable {
    case handOver = "hot: hand-over, one worker"
    case handOverTwo = "hot: hand-over, two workers"
    case chain = "hot: chain of 1000, per hop, one worker"
    case chainTwo = "hot: chain of 1000, per hop, two workers"
    case fan = "hot: fan-out of 1000 and join, per function"
    case sessions = "hot: two-step session, 64 in flight"
    case small = "hot: hand-over of 1 KB, two workers"
    case large = "hot: hand-over of 100 MB, two workers"
    case asleep = "cold: hand-over after all slept, one worker"
    case asleepTwo = "cold: hand-over after all slept, two workers"
    case fresh = "cold: first hand-over of new workers"
  }

  package struct Line: Codable {
    package var pattern: Pattern
    /// Nanoseconds.
    package var pheromone: Quantiles
    package var redis: Quantiles
    /// How many times as long the median of Redis is.
    package var ratio: Double
  }

  package var limits: Limits
  package var redisVersion: String
  /// How Redis is used.
  package var redisClient = """
    lists as queues, a Unix socket, without persistence; workers and driver are our own blocking clients, which send what a \
    function puts and the next BLPOP together and copy no payload
    """
  package private(set) var lines: [Line] = []
  package var recorded = RecordedPeer.all
  package var stolenShare: Double

  package init(limits: Limits, redisVersion: String, stolenShare: Double) {
    self.limits = limits
    self.redisVersion = redisVersion
    self.stolenShare = stolenShare
  }

  package mutating func add(pheromone: [Pattern: Samples], redis: [Pattern: Samples]) {
    for pattern in Pattern.allCases {
      guard let ours = pheromone[pattern], let theirs = redis[pattern] else { continue }
      let ratio = ours.median > 0 ? theirs.median / ours.median : 0
      lines.append(Line(pattern: pattern, pheromone: Quantiles(ours), redis: Quantiles(theirs), ratio: ratio))
    }
  }

  package var table: String {
    let measured =
      [["measured in this run", "Pheromone", "p99", "Redis \(redisVersion)", "p99", "Redis / Pheromone"]]
      + limits.rows
      + lines.map { line in
        [
          line.pattern.rawValue, TextTable.time(line.pheromone.median), TextTable.time(line.pheromone.p99),
          TextTable.time(line.redis.median), TextTable.time(line.redis.p99), TextTable.number(line.ratio),
        ]
      } + [["stolen time", TextTable.share(stolenShare)]]
    let others = [RecordedPeer.heading] + recorded.map(\.row)
    return [TextTable(measured).text, "Redis: \(redisClient).", TextTable(others).text].joined(separator: "\n\n")
  }

  package var json: String { get throws { try JSONText.of(self) } }
}
