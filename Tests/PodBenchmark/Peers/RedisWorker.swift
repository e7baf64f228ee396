import Measures
import SharedMemory

/// The functions that are measured, as a worker that takes its work from Redis lists: one for each function.
///
/// A hand-over is one round trip: the push for the next function and the pop of what comes next travel together.
struct RedisWorker {
  /// The server's socket; set in the processes that are workers.
  static let server = "PHEROMONE_BENCH_REDIS"
  static let results = Array("results".utf8)
  static let ready = Array("ready".utf8)

  private let connection: RedisConnection
  private var handOvers: [Int64] = []
  /// What is pushed for its size, of the length that was asked for last.
  private var message: [UInt8] = []
  /// How many answers come before that of the pop.
  private var pushes = 0

  static func run(_ path: String) throws -> Never {
    var worker = RedisWorker(connection: try RedisConnection(path))
    // The driver waits for it, so that a worker's start is not part of what is measured.
    worker.push([1], to: ready)
    let pop = [RedisConnection.blpop] + Environment.list(BenchHost.choice).map(list) + [RedisConnection.forever]
    while true {
      worker.connection.enqueue(pop)
      try worker.takePushes()
      try worker.work()
    }
  }

  static func list(_ function: String) -> [UInt8] { Array("q:\(function)".utf8) }

  private init(connection: RedisConnection) { self.connection = connection }

  private mutating func work() throws {
    let (list, value) = try connection.popped()
    let now = MonotonicClock.nanoseconds()
    let head = connection.bytes(value, atMost: Relay.size)
    let function = String(decoding: connection.bytes(list).dropFirst(2), as: UTF8.self)
    if function == "first" { return push(head, to: Self.list("second")) }
    if function == "second" { return push(head, to: Self.results) }
    // Bytes may be read as anything.
    let relay = try unsafe Relay(head.span.bytes)
    switch function {
    case "start": try start(relay)
    case "ping": try pass(relay, to: "pong", now)
    case "pong": try pass(relay, to: "ping", now)
    case "fan": fan(relay)
    case "leaf": try leaf(relay, head)
    case "join": try join(relay)
    default: throw BenchError("Redis has work for \(function), which is no function")
    }
  }

  private mutating func start(_ relay: Relay) throws {
    var relay = relay
    relay.startedAt = MonotonicClock.nanoseconds()
    handOvers.removeAll(keepingCapacity: true)
    try send(relay, to: "ping")
  }

  private mutating func pass(_ relay: Relay, to next: String, _ now: Int64) throws {
    var relay = relay
    handOvers.append(now - relay.sentAt)
    guard relay.hops > 1 else {
      push(Times.encoded([now - relay.startedAt] + handOvers), to: Self.results)
      return handOvers.removeAll(keepingCapacity: true)
    }
    relay.hops -= 1
    try send(relay, to: next)
  }

  private mutating func send(_ relay: Relay, to next: String) throws {
    var relay = relay
    // As a loan of shared memory, its contents do not matter behind the relay.
    if message.count != Int(relay.length) { message = [UInt8](repeating: 1, count: Int(relay.length)) }
    relay.sentAt = MonotonicClock.nanoseconds()
    unsafe message.withUnsafeMutableBytes { unsafe relay.write(to: $0) }
    if message.count <= 4096 { return push(message, to: Self.list(next)) }
    try connection.push(message, to: Self.list(next))
    pushes += 1
  }

  private mutating func fan(_ relay: Relay) {
    var relay = relay
    relay.sentAt = MonotonicClock.nanoseconds()
    connection.enqueue(
      [RedisConnection.push, Self.list("leaf")] + [[UInt8]](repeating: relay.bytes, count: Int(relay.hops)))
    pushes += 1
  }

  /// Adds to what the join reads, and calls it when this was the last one.
  private mutating func leaf(_ relay: Relay, _ bytes: [UInt8]) throws {
    push(bytes, to: Self.leaves(of: relay))
    if try takePushes() == Int(relay.hops) { push(bytes, to: Self.list("join")) }
  }

  private mutating func join(_ relay: Relay) throws {
    connection.enqueue([Array("LRANGE".utf8), Self.leaves(of: relay), Array("0".utf8), Array("-1".utf8)])
    connection.enqueue([Array("DEL".utf8), Self.leaves(of: relay)])
    guard case .array(let values?) = try connection.reply(), values.count == Int(relay.hops) else {
      throw BenchError("a join in Redis has not found its values")
    }
    let now = MonotonicClock.nanoseconds()
    _ = try connection.reply()
    push(Times.encoded([now - relay.sentAt]), to: Self.results)
  }

  /// The moment of the fan-out tells them from those of others.
  private static func leaves(of relay: Relay) -> [UInt8] { Array("leaves:\(relay.sentAt)".utf8) }

  private mutating func push(_ value: [UInt8], to list: [UInt8]) {
    connection.enqueue(RedisConnection.push, list, value)
    pushes += 1
  }

  /// The length that the last of the lists has got.
  @discardableResult
  private mutating func takePushes() throws -> Int {
    var length = 0
    for _ in 0..<pushes {
      if case .integer(let count) = try connection.reply() { length = count }
    }
    pushes = 0
    return length
  }
}
