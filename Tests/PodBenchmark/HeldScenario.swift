import Measures
import Wire

/// Fills a bucket with objects that nothing takes, each time in a pod of its own.
enum HeldScenario {
  private static let bytesEach = 64

  static func all() throws -> [HeldObjects] {
    try [
      run("hold", "all stay", sessions: 200, objectsEach: 500),
      run("scatter", "one of 16 stays", sessions: 100, objectsEach: 50),
    ]
  }

  private static func run(
    _ function: String, _ name: String, sessions: Int, objectsEach: Int
  ) throws -> HeldObjects {
    let pod = try PodUnderTest([.init()])
    defer { pod.stop() }
    func hold(_ sessions: Int) throws {
      let wanted = held(pod) + UInt64(sessions * objectsEach)
      for _ in 0..<sessions { _ = try pod.run(function, Relay(hops: objectsEach, length: bytesEach).bytes) }
      try pod.link.waitForLoad { _ in held(pod) >= wanted }
    }
    // What a sidecar takes once, and keeps, is no object's.
    try hold(sessions / 10)
    let own = ProcessFigures.ownMemory(of: pod.sidecarProcess)
    try hold(sessions)
    return HeldObjects(
      name: name, bytesEach: bytesEach, count: sessions * objectsEach,
      ownMemory: ProcessFigures.ownMemory(of: pod.sidecarProcess) - own,
      // Whole segments, so from the beginning.
      objectMemory: Int(pod.link.load.memoryUsed), objects: Int(held(pod)))
  }

  private static func held(_ pod: PodUnderTest) -> UInt64 {
    pod.link.load.buckets.first { $0.name == "held" }?.objects ?? 0
  }
}
