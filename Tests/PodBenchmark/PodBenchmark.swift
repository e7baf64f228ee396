import Foundation
import PheromoneFunctions

/// `hack/bench pod`: what a pod's data plane costs, on a real sidecar and real function processes.
@main
struct PodBenchmark {
  static func main() throws {
    if Environment.isFunctionHost { BenchHost.main() }
    if CommandLine.arguments.count > 2, CommandLine.arguments[1] == "repeat" {
      let pod = try PodUnderTest([.init()])
      defer { pod.stop() }
      let end = Date.now + (Double(CommandLine.arguments[2]) ?? 5)
      var perHop = Samples()
      print("sidecar \(pod.sidecarProcess) all \(pod.processes)")
      while Date.now < end { perHop.add(try Scenarios.chain(pod, hops: 1000).total / 1000) }
      return print("per hop, us: \(perHop.median / 1000) \(perHop.p99 / 1000)")
    }
    if CommandLine.arguments.count > 1, CommandLine.arguments[1] == "core" {
      let (handOver, session) = (CoreFigures.handOver(), CoreFigures.session())
      print("hand-over \(handOver.nanoseconds.quantile(0)) ns, \(handOver.allocations) allocations")
      return print("session \(session.nanoseconds.quantile(0)) ns, \(session.allocations) allocations")
    }
    let report = try Scenarios().run()
    print(report)
  }
}
