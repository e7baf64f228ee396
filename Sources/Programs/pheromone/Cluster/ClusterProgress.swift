import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import NodeAgent

/// Waits for a cluster to become ready and shows how far it is.
struct ClusterProgress {
  let files: ClusterFiles
  let process: ProcessIdentity
  let limit: Duration

  init(files: ClusterFiles, record: ClusterRecord, limit: Duration) {
    self.files = files
    process = record.process
    self.limit = limit
  }

  init(files: ClusterFiles, daemon: ProcessIdentity, limit: Duration) {
    self.files = files
    process = daemon
    self.limit = limit
  }

  func waitUntilReady() async throws {
    let begun = ContinuousClock.now
    var shown: Set<String> = []
    while true {
      let record = ClusterRecord(at: files.record)
      var missing = "the background process"
      if let record, record.process == process {
        let checks = await ClusterHealth(record: record).checks()
        for check in checks where check.isReady && shown.insert(check.name).inserted {
          let seconds = Double((ContinuousClock.now - begun) / .milliseconds(100)).rounded() / 10
          say("  ready: \(check.name)\(check.address.map { " at \($0)" } ?? "") (\(seconds) s)")
        }
        if checks.allSatisfy(\.isReady) { return }
        missing = checks.filter { !$0.isReady }.map { "\($0.name) (\($0.detail))" }.joined(separator: ", ")
      }
      guard process.isRunning else {
        throw ClusterError(
          "The cluster's background process ended. The last lines of \(files.log("cluster")):\n\(files.tail("cluster"))"
        )
      }
      guard ContinuousClock.now - begun < limit else {
        let names = ["cluster"] + (record.map { $0.components.keys.sorted() } ?? [])
        let tails = names.map { "  \(files.log($0)):\n\(files.tail($0))" }.joined(separator: "\n")
        throw ClusterError(
          "Not ready after \(limit): \(missing).\n\(tails)\nIt goes on in the background; look again with "
            + "pheromone cluster status, or stop it with pheromone cluster stop.")
      }
      try await Task.sleep(for: .milliseconds(150))
    }
  }
}
