import ArgumentParser
import KubernetesClient

/// How a command finds the API server and the namespace.
struct ServerOptions: ParsableArguments {
  @Option(name: [.short, .long], help: "The workflow's namespace. Default: the one of the kubeconfig's context.")
  var namespace: String?

  @Option(help: ArgumentHelp("The kubeconfig to use.", valueName: "path"))
  var kubeconfig: String?

  @Option(help: ArgumentHelp("The context of the kubeconfig to use.", valueName: "name"))
  var context: String?

  func configuration() throws -> ClientConfiguration {
    try ClientConfiguration.load(kubeconfig: kubeconfig, context: context)
  }
}
