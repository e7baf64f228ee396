import Dataflow
import Foundation
import Measures
import SharedMemory

/// Takes every figure, a little of each in every round, so that a disturbance does not hit one alone.
struct Scenarios {
  /// How much is measured.
  struct Extent {
    var rounds = 5
    /// Also what has no threshold and takes long.
    var isFull = true
    /// Also fan-outs of 4000 and objects of 1 GB.
    var isLarge = false
    /// Also requests over HTTP, on a cluster in this folder.
    var cluster: String?
  }

  let extent: Extent
  private var figures: [Figure: Samples] = [:]
  private var allocations = Samples()
  private var limits = LimitScenario()

  init(_ extent: Extent) { self.extent = extent }

  mutating func run() throws -> Report {
    let stolen = StolenTime()
    let one = try PodUnderTest([.init()])
    defer { one.stop() }
    let objects = try takeRounds(one)
    let (handOver, session) = (CoreFigures.handOver(), CoreFigures.session())
    add(.core, handOver.nanoseconds.values)
    add(.coreSession, session.nanoseconds.values)
    let sidecarBytes = ProcessFigures.ownMemory(of: one.sidecarProcess)
    var loads: [LoadLine] = []
    var held: [HeldObjects] = []
    if extent.isFull {
      loads = try LoadScenario(pod: one, rate: rate).lines()
      held = try HeldScenario.all()
    }
    var report = Report(
      limits: limits.limits,
      allocations: .init(
        handOver: handOver.allocations, session: session.allocations, invocation: allocations.median),
      sidecarBytes: sidecarBytes, stolenShare: stolen.share)
    report.objects = objects
    report.loads = loads
    report.held = held
    report.add(figures)
    return report
  }

  private mutating func takeRounds(_ one: PodUnderTest) throws -> [ObjectLine] {
    let two = try PodUnderTest(.split())
    defer { two.stop() }
    let inline = try PodUnderTest([.init()], isInline: true)
    defer { inline.stop() }
    let cluster = try extent.cluster.map { try ClusterUnderTest(folder: $0) }
    defer { cluster?.stop() }
    var objects = ObjectScenario(isLarge: extent.isLarge)
    for _ in 0..<extent.rounds {
      try limits.takeRound()
      try takeChains(one, two)
      add(.chainInline, [try Chain(inline, hops: 1000).total / 1000])
      try takeFans(one)
      try takeObjects(one)
      try takeSessions(inline)
      if let cluster { try takeRequests(cluster) }
      if extent.isFull { try objects.takeRound() }
    }
    return objects.lines
  }

  private mutating func takeChains(_ one: PodUnderTest, _ two: PodUnderTest) throws {
    for (figure, hops, times) in [(Figure.chain2, 2, 20), (.chain100, 100, 3)] {
      for _ in 0..<times { add(figure, [try Chain(one, hops: hops).total / Double(hops)]) }
    }
    let chain = try Chain(one, hops: 1000)
    add(.handOverAwake, chain.handOvers)
    add(.chain, [chain.total / 1000])
    allocations.add(chain.allocations)
    add(.handOverTwoProcesses, try Chain(two, hops: 200).handOvers)
    for _ in 0..<20 {
      // sleep: everyone is to fall asleep before the next hand-over.
      usleep(5000)
      add(.handOverAsleep, try Chain(one, hops: 1).handOvers)
    }
  }

  private mutating func takeFans(_ pod: PodUnderTest) throws {
    let fans = [(Figure.fanOut2, 2), (.fanOut8, 8), (.fanOut100, 100), (.fanOut1000, 1000)]
    for (figure, count) in extent.isLarge ? fans + [(.fanOut4000, 4000)] : fans {
      add(figure, [try pod.fan(count) / Double(count)])
    }
  }

  private mutating func takeObjects(_ pod: PodUnderTest) throws {
    for (figure, length) in [(Figure.small, 1 << 10), (.medium, 1 << 20), (.large, 100 << 20)] {
      // The first ones make the memory that the others use again, and teach everyone how long to wait awake.
      add(figure, Array(try Chain(pod, hops: 26, length: length).handOvers.suffix(16)))
    }
    let output = try pod.run("produce", Relay(hops: 1, length: LimitScenario.bytes).bytes)
    add(.produce, Times.decoded(output[""] ?? []).prefix(1).map(Double.init))
  }

  private mutating func takeSessions(_ pod: PodUnderTest) throws {
    for (figure, window, count) in [(Figure.session1, 1, 500), (.session64, 64, 5000), (.session512, 512, 5000)] {
      add(figure, [try pod.throughput(window: window, count: count)])
    }
    if extent.isFull { add(.loaded, try OpenLoop.run(pod, rate: rate * 0.8, seconds: 0.5).values) }
  }

  private mutating func takeRequests(_ cluster: ClusterUnderTest) throws {
    for (figure, window, count) in [(Figure.http1, 1, 200), (.http64, 64, 1000), (.http512, 512, 2000)] {
      add(figure, [try cluster.throughput(window: window, count: count)])
    }
  }

  /// The two-step sessions in a second that the pod has managed.
  private var rate: Double { 1_000_000_000 / (figures[.session64]?.median ?? 1_000_000_000) }

  private mutating func add(_ figure: Figure, _ values: [Double]) { figures[figure, default: Samples()].add(values) }
}
