import ArgumentParser
import Dataflow

/// The command line tool. It also works as the kubectl plugin `kubectl pheromone` under the name `kubectl-pheromone`.
@main struct Pheromone: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: name(invokedAs: CommandLine.arguments.first ?? ""),
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
      CancelCommand.self, RecordingCommand.self, ReplayCommand.self, RestartCommand.self, LintCommand.self,
      VersionCommand.self,
    ])

  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if let correction = correction(of: arguments) { exit(withError: ValidationError(correction)) }
    await main(arguments)
  }

  /// What the help calls this program.
  static func name(invokedAs path: String) -> String {
    path.split(separator: "/").last == "kubectl-pheromone" ? "kubectl pheromone" : "pheromone"
  }

  /// What to say of a command that does not exist and is almost one that does.
  static func correction(of arguments: [String]) -> String? {
    let commands = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    guard let word = arguments.first, !word.hasPrefix("-"), !commands.contains(word),
      let command = Spelling.closest(to: word, among: commands)
    else { return nil }
    return "there is no command \(word); did you mean \(command)?"
  }
}
