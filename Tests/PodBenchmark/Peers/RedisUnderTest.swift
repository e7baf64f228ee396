import Dataflow
import Foundation
import Measures
import SharedMemory

/// Workers on a Redis server, and the patterns that the driver runs on them.
final class RedisUnderTest {
  private let connection: RedisConnection
  private let workers: [Process]

  init(_ server: RedisServer, _ hosts: [PodUnderTest.Host]) throws {
    connection = try RedisConnection(server.socket)
    connection.enqueue([Array("FLUSHALL".utf8)])
    _ = try connection.reply()
    workers = try hosts.map { host in
      let functions = host.functions.isEmpty ? BenchPlan.functions.map(\.name) : host.functions
      return try Program.start(
        "pheromone-bench", [],
        [RedisWorker.server: server.socket, BenchHost.choice: functions.joined(separator: ",")])
    }
    for _ in workers {
      connection.enqueue(RedisConnection.blpop, RedisWorker.ready, RedisConnection.forever)
      _ = try connection.popped()
    }
  }

  func stop() {
    for worker in workers { worker.terminate() }
    for worker in workers { worker.waitUntilExit() }
  }

  /// All of a chain, and the hand-overs of the process where it ended.
  func chain(hops: Int, length: Int = 64) throws -> (total: Double, handOvers: [Double]) {
    let times = try run("start", Relay(hops: hops, length: length).bytes)
    guard let total = times.first else { throw BenchError("a chain in Redis has told no times") }
    return (total, Array(times.dropFirst()))
  }

  func fan(_ count: Int) throws -> Double { try run("fan", Relay(hops: count).bytes).first ?? 0 }

  /// Nanoseconds a session of two steps, with so many under way at a time. Results are taken as many as there are, and as
  /// many sessions begin with one command.
  func throughput(window: Int, count: Int) throws -> Double {
    let start = MonotonicClock.nanoseconds()
    var started = min(window, count)
    var begun = started
    var ended = 0
    while ended < count {
      if begun > 0 { begin(begun) }
      connection.enqueue(RedisConnection.blpop, RedisWorker.results, RedisConnection.forever)
      if begun > 0 { try takeLength() }
      _ = try connection.popped()
      connection.enqueue([Array("LPOP".utf8), RedisWorker.results, Array("\(window)".utf8)])
      var here = 1
      if case .array(let more?) = try connection.reply() { here += more.count }
      ended += here
      begun = min(here, count - started)
      started += begun
    }
    return Double(MonotonicClock.nanoseconds() - start) / Double(count)
  }

  private func begin(_ count: Int) {
    connection.enqueue(
      [RedisConnection.push, RedisWorker.list("first")] + [[UInt8]](repeating: [1, 2, 3], count: count))
  }

  /// Takes the answer of a push.
  private func takeLength() throws { _ = try connection.reply() }

  private func run(_ function: String, _ payload: [UInt8]) throws -> [Double] {
    connection.enqueue(RedisConnection.push, RedisWorker.list(function), payload)
    connection.enqueue(RedisConnection.blpop, RedisWorker.results, RedisConnection.forever)
    try takeLength()
    return Times.decoded(connection.bytes(try connection.popped().value)).map(Double.init)
  }
}
