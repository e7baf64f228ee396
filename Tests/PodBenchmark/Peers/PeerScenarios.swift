import Foundation
import Measures
import SharedMemory

/// Runs the same patterns on a pod and on Redis, in turn in every round.
struct PeerScenarios {
  typealias Pattern = Comparison.Pattern

  let rounds: Int
  private var pheromone: [Pattern: Samples] = [:]
  private var redis: [Pattern: Samples] = [:]

  init(rounds: Int) { self.rounds = rounds }

  mutating func run() throws -> Comparison {
    let stolen = StolenTime()
    let server = try RedisServer()
    defer { server.stop() }
    var limits = LimitScenario()
    let pods = (one: try PodUnderTest([.init()]), two: try PodUnderTest(.split()))
    defer {
      pods.one.stop()
      pods.two.stop()
    }
    for _ in 0..<rounds {
      try limits.takeRound()
      try take(pods.one, pods.two)
      try takeFreshPod()
      // Those of the round before would take the work of the others, so workers are there for a round.
      try takeRedis(server)
    }
    var comparison = Comparison(limits: limits.limits, redisVersion: server.version, stolenShare: stolen.share)
    comparison.add(pheromone: pheromone, redis: redis)
    return comparison
  }

  private static let asleepRounds = 20

  private mutating func take(_ one: PodUnderTest, _ two: PodUnderTest) throws {
    let chain = try Chain(one, hops: 1000)
    add(.handOver, chain.handOvers, to: \.pheromone)
    add(.chain, [chain.total / 1000], to: \.pheromone)
    let chainTwo = try Chain(two, hops: 1000)
    add(.handOverTwo, chainTwo.handOvers, to: \.pheromone)
    add(.chainTwo, [chainTwo.total / 1000], to: \.pheromone)
    for _ in 0..<3 { add(.fan, [try one.fan(1000) / 1000], to: \.pheromone) }
    add(.sessions, [try one.throughput(window: 64, count: 5000)], to: \.pheromone)
    for (pattern, length) in [(Pattern.small, 1 << 10), (.large, 100 << 20)] {
      // The first ones make the memory that the others use again.
      add(pattern, Array(try Chain(two, hops: 8, length: length).handOvers.suffix(2)), to: \.pheromone)
    }
    for _ in 0..<Self.asleepRounds {
      // sleep: everyone is to fall asleep before the next hand-over.
      usleep(5000)
      add(.asleep, try Chain(one, hops: 1).handOvers, to: \.pheromone)
      // sleep: the same for the other pod.
      usleep(5000)
      add(.asleepTwo, try Chain(two, hops: 2).handOvers, to: \.pheromone)
    }
  }

  private mutating func takeFreshPod() throws {
    let pod = try PodUnderTest([.init()])
    defer { pod.stop() }
    add(.fresh, try Chain(pod, hops: 1).handOvers, to: \.pheromone)
  }

  private mutating func takeRedis(_ server: RedisServer) throws {
    let one = try RedisUnderTest(server, [.init()])
    add(.fresh, try one.chain(hops: 1).handOvers, to: \.redis)
    let chain = try one.chain(hops: 1000)
    add(.handOver, chain.handOvers, to: \.redis)
    add(.chain, [chain.total / 1000], to: \.redis)
    for _ in 0..<3 { add(.fan, [try one.fan(1000) / 1000], to: \.redis) }
    add(.sessions, [try one.throughput(window: 64, count: 5000)], to: \.redis)
    for _ in 0..<Self.asleepRounds {
      // sleep: everyone is to fall asleep before the next hand-over.
      usleep(5000)
      add(.asleep, try one.chain(hops: 1).handOvers, to: \.redis)
    }
    one.stop()
    let two = try RedisUnderTest(server, .split())
    defer { two.stop() }
    let chainTwo = try two.chain(hops: 1000)
    add(.handOverTwo, chainTwo.handOvers, to: \.redis)
    add(.chainTwo, [chainTwo.total / 1000], to: \.redis)
    for (pattern, length) in [(Pattern.small, 1 << 10), (.large, 100 << 20)] {
      add(pattern, Array(try two.chain(hops: 8, length: length).handOvers.suffix(2)), to: \.redis)
    }
    for _ in 0..<Self.asleepRounds {
      // sleep: everyone is to fall asleep before the next hand-over.
      usleep(5000)
      add(.asleepTwo, try two.chain(hops: 2).handOvers, to: \.redis)
    }
  }

  private mutating func add(
    _ pattern: Pattern, _ values: [Double], to side: WritableKeyPath<Self, [Pattern: Samples]>
  ) {
    self[keyPath: side][pattern, default: Samples()].add(values)
  }
}
