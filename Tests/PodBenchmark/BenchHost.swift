import PheromoneFunctions
import SharedMemory
import Synchronization

/// The functions that are measured. They do as little as they can.
struct BenchHost: FunctionHost {
  /// Which of them this process offers, separated by commas; all of them without it.
  static let choice = "PHEROMONE_BENCH_FUNCTIONS"

  var functions: [Function] {
    let all: [Function] = [
      Function("start") { try Self.start($0) },
      Function("ping") { try Self.relay($0, to: "to-pong") },
      Function("pong") { try Self.relay($0, to: "to-ping") },
      Function("fan") { try Self.fan($0) },
      Function("leaf") { try $0.put($0.inputs.single.key, in: "leaves", bytes: $0.inputs.single) },
      Function("join") { try Self.join($0) },
      Function("first") { try $0.put("x", in: "steps", bytes: $0.inputs.single) },
      Function("second") { try $0.output($0.inputs.single) },
      Function("produce") { try Self.produce($0) },
      Function("read") { try Self.read($0) },
    ]
    let names = Environment.list(Self.choice)
    return names.isEmpty ? all : all.filter { names.contains($0.name) }
  }

  /// What hand-overs took, in the order of their arrival here.
  private static let handOvers = Mutex<[Int64]>([])

  private static func start(_ context: FunctionContext) throws {
    var relay = try context.inputs.single.withBytes { try Relay($0) }
    relay.startedAt = MonotonicClock.nanoseconds()
    handOvers.withLock { $0.removeAll(keepingCapacity: true) }
    try send(relay, to: "to-ping", context)
  }

  /// Takes the time since the object was sent, and sends it on or ends the chain with all times that were taken here.
  private static func relay(_ context: FunctionContext, to bucket: String) throws {
    let now = MonotonicClock.nanoseconds()
    var relay = try context.inputs.single.withBytes { try Relay($0) }
    let handOver = now - relay.sentAt
    guard relay.hops > 1 else {
      let all = handOvers.withLock { list in
        list.append(handOver)
        return [now - relay.startedAt] + list
      }
      return try context.output(Times.encoded(all))
    }
    handOvers.withLock { $0.append(handOver) }
    relay.hops -= 1
    try send(relay, to: bucket, context)
  }

  private static func send(_ relay: Relay, to bucket: String, _ context: FunctionContext) throws {
    var relay = relay
    var loan = try context.create(in: bucket, size: Int(relay.length))
    // All that follows is the hand-over.
    relay.sentAt = MonotonicClock.nanoseconds()
    try unsafe loan.withUnsafeMutableBytes { unsafe relay.write(to: $0) }
    try loan.put()
  }

  private static func fan(_ context: FunctionContext) throws {
    let relay = try context.inputs.single.withBytes { try Relay($0) }
    let start = MonotonicClock.nanoseconds()
    let keys = (0..<relay.hops).map { "leaf-\($0)" }
    var sent = relay
    sent.sentAt = start
    for key in keys { try context.put(key, in: "tasks", bytes: sent.bytes) }
    try context.expect(keys, in: "leaves")
  }

  private static func join(_ context: FunctionContext) throws {
    let now = MonotonicClock.nanoseconds()
    guard let first = context.inputs.first else { return }
    let relay = try first.withBytes { try Relay($0) }
    try context.output(Times.encoded([now - relay.sentAt]))
  }

  /// Writes an object in place out of private memory that is warm, and tells how long that took and the copy alone.
  private static func produce(_ context: FunctionContext) throws {
    let relay = try context.inputs.single.withBytes { try Relay($0) }
    let length = Int(relay.length)
    let source = try Source.shared.bytes(length)
    let start = MonotonicClock.nanoseconds()
    var loan = try context.create(in: "products", size: length)
    let lent = MonotonicClock.nanoseconds()
    try unsafe loan.withUnsafeMutableBytes { target in
      unsafe source.withUnsafeBytes { unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[..<length])) }
    }
    try loan.put()
    let end = MonotonicClock.nanoseconds()
    try context.output(Times.encoded([end - start, lent - start]))
  }

  /// Counts the lines of an object.
  private static func read(_ context: FunctionContext) throws {
    let start = MonotonicClock.nanoseconds()
    let lines = try context.inputs.single.withBytes { span in
      unsafe span.withUnsafeBytes { buffer in unsafe buffer.reduce(0) { $0 + ($1 == 10 ? 1 : 0) } }
    }
    try context.output(Times.encoded([MonotonicClock.nanoseconds() - start, Int64(lines)]), name: "read")
  }
}

/// Private memory to copy out of, made once.
private final class Source: Sendable {
  static let shared = Source()
  private let memory = Mutex<[UInt8]>([])

  func bytes(_ count: Int) throws -> [UInt8] {
    memory.withLock { memory in
      if memory.count < count { memory = [UInt8](repeating: 1, count: count) }
      return memory
    }
  }
}
