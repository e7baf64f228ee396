import ArgumentParser
import FoundationEssentials
import Glibc
import NodeAgent

struct ClusterStop: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stop the local cluster: its pods get their grace, then everything ends.",
    discussion: """
      Everything in the cluster is forgotten, since it lives in memory; logs stay.

      Exit codes: 0 stopped, or nothing ran; 1 failed.
      """)

  @OptionGroup var cluster: ClusterOptions

  @Option(name: .long, help: ArgumentHelp("How long to wait before everything is killed.", valueName: "seconds"))
  var timeout = 30

  func run() async throws {
    let files = cluster.files
    guard let record = ClusterRecord(at: files.record), record.isRunning else {
      let leftBehind = try files.clean()
      say(
        "No cluster runs in \(files.directory)."
          + (leftBehind > 0 ? " Ended \(leftBehind) processes that it had left behind." : ""))
      return
    }
    say("Stopping the cluster in \(files.directory) (process \(record.pid)) …")
    kill(record.pid, SIGTERM)
    let deadline = ContinuousClock.now + .seconds(timeout)
    while record.isRunning {
      if ContinuousClock.now >= deadline {
        say("It did not stop within \(timeout) s and is killed.")
        record.process.signalGroup(SIGKILL)
        while record.isRunning { try await Task.sleep(for: .milliseconds(50)) }
        break
      }
      try await Task.sleep(for: .milliseconds(50))
    }
    try files.clean()
    say("Stopped. Logs are in \(files.logs).")
  }
}
