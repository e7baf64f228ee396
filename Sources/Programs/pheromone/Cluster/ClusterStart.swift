import ArgumentParser
import FoundationEssentials
import Glibc
import NodeAgent
import Posix

struct ClusterStart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Start the local cluster in the background and wait until it is ready.",
    discussion: """
      Starting a cluster that runs already says so and does nothing. It takes no new
      images: that fails, so stop it first.

        pheromone cluster start
        pheromone cluster start --directory /tmp/other --port 7790
        pheromone cluster start --image ghcr.io/acme/resize=./build/bin

      A container runs the program of that folder that is called like the last part
      of the image's name (resize), unless the container has a command.

      Exit codes: 0 ready, 1 failed (the tail of the log is shown), 64 wrong usage.
      """)

  @OptionGroup var cluster: ClusterOptions
  @OptionGroup var settings: ClusterSettings

  @Option(name: .long, help: ArgumentHelp("How long to wait until everything is ready.", valueName: "seconds"))
  var timeout = 60

  func run() async throws {
    let files = cluster.files
    if let record = ClusterRecord(at: files.record), record.isRunning {
      guard record.ports.api == settings.port || settings.port == 7780 else {
        throw ClusterError(
          "The cluster in \(files.directory) runs already, on port \(record.ports.api). Stop it first "
            + "(pheromone cluster stop), or give the new one a folder of its own with --directory.")
      }
      let lacking = record.lacking(try settings.imageFolders())
      guard lacking.isEmpty else {
        throw ClusterError(
          "The cluster in \(files.directory) runs already, so these images were not added: "
            + "\(lacking.joined(separator: ", ")); run `pheromone cluster stop` first. What is in the cluster is gone "
            + "then.")
      }
      say(
        "The cluster in \(files.directory) runs already (process \(record.pid)), with the settings it was started with."
      )
      try await ClusterProgress(files: files, record: record, limit: .seconds(timeout)).waitUntilReady()
      Self.sayWhatNext(files)
      return
    }
    try files.prepare()
    let leftBehind = try files.clean()
    if leftBehind > 0 { say("Ended \(leftBehind) processes that an earlier run had left behind.") }
    try checkPorts()
    let program = try Programs()
    if !settings.noOperator { try program.requireComponents() }
    let daemon = try launch(program, files)
    say("Starting the cluster in \(files.directory) …")
    try await ClusterProgress(files: files, daemon: daemon, limit: .seconds(timeout)).waitUntilReady()
    Self.sayWhatNext(files)
  }

  private func checkPorts() throws {
    let ports = settings.ports
    let wanted = settings.noOperator ? [ports.api] : [ports.api, ports.ingress, ports.link, ports.controller]
    for port in wanted {
      guard let owner = PortOwner(of: port) else { continue }
      let isCluster = owner.command?.contains("cluster run") == true
      throw ClusterError(
        "Port \(port) is in use by \(owner.description)"
          + (isCluster ? ", which is another local cluster" : "") + ".\n"
          + "Choose other ports with --port (the cluster takes that one and the three above it), for example "
          + "--port \(settings.port + 10)\(isCluster ? ", and another --directory" : "").")
    }
  }

  private func launch(_ program: Programs, _ files: ClusterFiles) throws -> ProcessIdentity {
    let path = files.log("cluster")
    let log = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
    guard log >= 0 else { throw ClusterError("Cannot write \(path): \(Errno.current).") }
    defer { close(log) }
    let pid = try ProcessSpawner.spawn(
      ProcessSpecification(
        executable: program.executable,
        arguments: ["cluster", "run", "--directory", files.directory] + settings.arguments,
        environment: ProcessInfo.processInfo.environment,
        workingDirectory: FileManager.default.currentDirectoryPath), standardOutput: log)
    return ProcessIdentity(runningAs: pid) ?? ProcessIdentity(pid: pid, startTime: nil)
  }

  private static func sayWhatNext(_ files: ClusterFiles) {
    // It is part of the clone only, and the command line is used elsewhere too.
    let example = "manifests/examples/wordcount.yaml"
    let apply = FileManager.default.fileExists(atPath: example) ? "\n  kubectl apply -f \(example)" : ""
    say(
      """

      The cluster is ready. Go on with:

        export KUBECONFIG=\(files.kubeconfig)
        kubectl get nodes\(apply)

      Logs are in \(files.logs). Stop it with: pheromone cluster stop --directory \(files.directory)
      """)
  }
}
