import ArgumentParser

/// The command line tool. It also works as the kubectl plugin `kubectl pheromone` under the name `kubectl-pheromone`.
@main struct Pheromone: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pheromone",
    abstract: "Serverless functions on Kubernetes that follow the data.",
    discussion: """
      Begin on a laptop, without Docker and without root:

        pheromone cluster start
        export KUBECONFIG=$PWD/.pheromone/kubeconfig
        kubectl apply -f manifests/examples/wordcount.yaml
        kubectl wait workflow/wordcount --for=condition=Ready

      Exit codes: 0 done, 1 failed (the reason is on standard error), 64 wrong
      usage; others are listed in the help of the command that has them.
      """,
    version: "0.1.0",
    subcommands: [
      ClusterCommand.self, InvokeCommand.self, SessionsCommand.self, ExplainCommand.self, OutputCommand.self,
      CancelCommand.self, RecordingCommand.self, ReplayCommand.self, LintCommand.self, VersionCommand.self,
    ])
}
