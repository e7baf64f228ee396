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
      Function("read") { CacheLines.read(try $0.inputs.single) },
      Function("hold") { try Self.hold($0, oneOf: 1) },
      Function("scatter") { try Self.hold($0, oneOf: 16) },
    ]
    let names = Environment.list(Self.choice)
    return names.isEmpty ? all : all.filter { names.contains($0.name) }
  }

  private static func start(_ context: FunctionContext) throws {
    var relay = try context.inputs.single.withBytes { try Relay($0) }
    relay.startedAt = MonotonicClock.nanoseconds()
    Tally.shared.withLock { $0.begin() }
    try send(relay, to: "to-ping", context)
  }

  /// Takes the time since the object was sent, and sends it on or ends the chain with all times that were taken here.
  private static func relay(_ context: FunctionContext, to bucket: String) throws {
    let now = MonotonicClock.nanoseconds()
    let input = try context.inputs.single
    var relay = try input.withBytes { try Relay($0) }
    var read: Int64?
    if relay.isRead {
      CacheLines.read(input)
      read = MonotonicClock.nanoseconds() - relay.sentAt
    }
    Tally.shared.withLock { $0.add(handOver: now - relay.sentAt, read: read) }
    guard relay.hops > 1 else {
      let tally = Tally.shared.withLock { $0.take() }
      try context.output(Times.encoded([now - relay.startedAt] + tally.handOvers))
      try context.output(Times.encoded(tally.reads), name: "reads")
      return try context.output(Times.encoded([tally.allocationsEach]), name: "allocations")
    }
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

  /// Puts objects, of which one of so many waits for a batch that will not be full; the others go once they are read.
  private static func hold(_ context: FunctionContext, oneOf share: UInt64) throws {
    let relay = try context.inputs.single.withBytes { try Relay($0) }
    let bytes = [UInt8](repeating: 1, count: Int(relay.length))
    for index in 0..<relay.hops * share {
      try context.put("object-\(index)", in: index % share == 0 ? "held" : "products", bytes: bytes)
    }
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
