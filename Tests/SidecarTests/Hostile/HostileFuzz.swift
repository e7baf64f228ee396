import Dataflow
import ExecutorPod
import Testing

@testable import Sidecar

/// One run with a seed: some hostile clients, a sound worker beside them, and sessions all the while.
struct HostileFuzz {
  let seed: UInt64

  /// Answers what went wrong.
  func play() async throws -> String? {
    var failure: String?
    try await LoopUnderTest.with(PodUnderAttack.plan, sharedMemory: 512 << 20) { test in
      failure = try await play(PodUnderAttack(test))
    }
    return failure
  }

  private func play(_ pod: PodUnderAttack) async throws -> String? {
    var random = SeededGenerator(seed: seed)
    try pod.addSoundWorker()
    var clients: [HostileClient] = []
    for move in 0..<Int.random(in: 8...40, using: &random) {
      if clients.isEmpty || (clients.count < 4 && random.once(in: 6)) {
        let client = try HostileClient(pod.test.path, seed: random.next())
        try client.open()
        clients.append(client)
      }
      if random.once(in: 3) { pod.start(random.pick(["shared", "stream"]), "\(move)") }
      let index = Int.random(in: 0..<clients.count, using: &random)
      clients[index].move()
      if random.once(in: 2) { _ = try await pod.test.state { $0.executors.count } }
      if random.once(in: 8) || clients[index].isOver { clients.remove(at: index) }
      if random.once(in: 8), let wrong = await unsound(pod) { return wrong }
    }
    if let wrong = await unsound(pod) { return wrong }
    clients = []
    return try await pod.settle()
  }

  private func unsound(_ pod: PodUnderAttack) async -> String? {
    let outcomes = await pod.runSoundSessions()
    return outcomes == ["done", "4"] ? nil : "sessions of the sound worker: \(outcomes)"
  }
}
