import Dataflow
import ObjectStore
import Scheduling
import Testing
import Wire

@testable import ExecutorPod

@Suite("Pod core: random simulation")
struct PodSimulationTests {
  @Test(
    "Workers join, commit, fail, hang, lie and die; every session ends once, and all memory comes back",
    arguments: 0..<20 as Range<UInt64>)
  func simulation(seed: UInt64) {
    var simulation = PodSimulation(seed: seed)
    for _ in 0..<600 { simulation.step() }
    simulation.finish()
    let bench = simulation.bench
    #expect(bench.violations == [], "seed \(seed)")
    for session in simulation.stored {
      #expect(bench.deliveries.count { $0.session == session && $0.request == nil } == 1, "seed \(seed): \(session)")
    }
    #expect(bench.core.sessions.isEmpty, "seed \(seed)")
    #expect(bench.core.attempts.isEmpty, "seed \(seed)")
    #expect(bench.core.parked.isEmpty, "seed \(seed)")
    #expect(bench.core.scheduler.queuedCount == 0, "seed \(seed)")
    #expect(bench.core.ledger.objectCount == 0, "seed \(seed)")
    #expect(bench.core.ledger.bytesByBucket == [:], "seed \(seed)")
    // The sidecar keeps its own arena, which is empty.
    #expect(bench.core.ledger.used <= bench.core.ledger.arenaSize, "seed \(seed)")
    #expect(bench.core.ledger.acceptsSessions, "seed \(seed)")
  }
}

/// A pod and its workers, driven by a seed.
struct PodSimulation {
  var bench = PodBench()
  private var random: SeededGenerator
  private var started = 0
  private var keys = 0

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  var stored: Set<String> {
    Set(bench.told.compactMap { if case .stored(let session) = $0 { session } else { nil } })
  }

  mutating func step() {
    switch random.below(20) {
    case 0, 1:
      started += 1
      let payload = [0, 10, 5000, 200 << 10, 2 << 20][random.below(5)]
      bench.start("s\(started)", function: ["split", "split", "count", "lost"][random.below(4)], payload: payload)
    case 2:
      guard bench.workers.count < 4 else { return }
      let functions = random.below(3) == 0 ? ["split", "count"] : ["split", "count", "merge"]
      _ = bench.join(slot: UInt16(random.below(4)), functions: functions)
    case 3:
      if random.below(4) == 0, let connection = worker() { bench.die(connection) }
    case 4:
      bench.pass(.milliseconds(random.below(3000)))
    case 5:
      if random.below(5) == 0 { bench.tell(.cancel(session: "s\(1 + random.below(max(1, started)))")) }
      if random.below(40) == 0 { bench.pass(.seconds(301)) }
    case 6:
      guard random.below(10) == 0, let connection = worker(), bench.workers[connection]?.invoke != nil else { return }
      bench.finish(
        connection,
        Transaction(outputs: [.init(name: "", location: .init(segment: UInt32(random.below(9)), offset: 3, length: 9))])
      )
    default:
      guard let connection = worker(), bench.workers[connection]?.invoke != nil else { return }
      if random.below(8) == 0 { return bench.fail(connection, isRetryable: random.below(4) > 0) }
      work(connection)
    }
  }

  /// The worker puts what its function puts; when it finds no room it waits, and when it is denied it fails.
  private mutating func work(_ connection: UInt64) {
    guard let function = bench.function(connection) else { return }
    if bench.workers[connection]?.denial != nil { return bench.fail(connection, "no memory") }
    var transaction = Transaction()
    let count = function == "merge" ? 0 : random.below(4)
    for _ in 0..<count {
      keys += 1
      let size = [0, 100, 3000, 60 << 10, 300 << 10][random.below(5)]
      guard let location = bench.place(size, connection) else { return }
      let bucket = function == "split" ? "words" : "counts"
      transaction.puts.append(.init(bucket: bucket, key: "k\(keys)", location: location))
    }
    if function == "split", random.below(2) == 0 {
      transaction.announcements = [.init(bucket: "counts", keys: [])]
    }
    if random.below(3) == 0 {
      guard let location = bench.place(500, connection) else { return }
      transaction.outputs = [.init(name: "", location: location)]
    }
    bench.finish(connection, transaction)
  }

  private mutating func worker() -> UInt64? {
    let connections = bench.workers.keys.sorted()
    return connections.isEmpty ? nil : connections[random.below(connections.count)]
  }

  /// Everybody behaves until all is over; then results are forgotten and the workers go.
  mutating func finish() {
    _ = bench.join(slot: 9)
    for _ in 0..<100 where bench.core.activeSessions > 0 {
      bench.finishAll()
      bench.pass(.seconds(1))
    }
    bench.finishAll()
    bench.pass(.seconds(400))
    for connection in bench.workers.keys.sorted() { bench.die(connection) }
    bench.pass(.seconds(400))
  }
}
