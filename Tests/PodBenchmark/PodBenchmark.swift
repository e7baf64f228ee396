import Foundation
import PheromoneFunctions

/// `hack/bench pod`: what a pod's data plane costs, on a real sidecar and real function processes.
@main
struct PodBenchmark {
  static func main() throws {
    if Environment.isFunctionHost { BenchHost.main() }
    let report = try Scenarios().run()
    print(report)
  }
}
