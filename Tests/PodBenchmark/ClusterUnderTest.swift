import Foundation
import Measures

/// A local cluster with everything that a request over HTTP passes: coordinator, sidecar, function. Its folder is the
/// caller's, who can stop it by that if this program cannot.
final class ClusterUnderTest {
  private let folder: String
  private let requests: Int

  private static let manifest = """
    apiVersion: pheromone.dev/v1alpha1
    kind: Workflow
    metadata: {name: bench}
    spec:
      entry: first
      functions:
      - {name: first, outputs: [steps]}
      - {name: second, outputs: []}
      executors: 1
      retention: 1s
      template:
        spec:
          containers:
          - {name: app, image: pheromone-bench}
    ---
    apiVersion: pheromone.dev/v1alpha1
    kind: Bucket
    metadata: {name: steps}
    spec:
      workflow: bench
      triggers:
      - {name: to-second, target: second, immediate: {}}
    """

  init(folder: String) throws {
    self.folder = folder
    let port = FreePorts.first(of: 4)
    requests = port + 1
    guard let kubectl = Program.installed("kubectl") else {
      throw BenchError("kubectl is not installed; hack/setup does it")
    }
    try Program.output(
      of: "pheromone",
      [
        "cluster", "start", "--directory", folder, "--port", "\(port)", "--image",
        "pheromone-bench=\(try Program.folder().path)",
      ])
    let manifest = folder + "/bench.yaml"
    try Data(Self.manifest.utf8).write(to: URL(filePath: manifest))
    for arguments in [
      ["apply", "-f", manifest], ["wait", "workflow/bench", "--for=condition=Ready", "--timeout=60s"],
    ] {
      try Program.output(
        at: kubectl, arguments, ["KUBECONFIG": folder + "/kubeconfig", "HOME": folder])
    }
  }

  func stop() { _ = try? Program.output(of: "pheromone", ["cluster", "stop", "--directory", folder]) }

  /// Nanoseconds a request, with so many under way at a time.
  func throughput(window: Int, count: Int) throws -> Double {
    try HTTPLoad(port: requests, connections: window).run("/v1/default/bench", body: [1, 2, 3], count: count)
  }
}
