import ArgumentParser
import FoundationEssentials
import KubernetesAPI
import KubernetesClient

/// `pheromone restart`: replaces a workflow's pods by new ones, as `kubectl rollout restart` does for a Deployment.
struct RestartCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "Replace a workflow's pods by new ones, a few at a time.",
    discussion: """
      Sets an annotation of spec.template, and the controller rolls the pods within
      spec.strategy.rollingUpdate. Requests are answered meanwhile, and no session is lost.

        pheromone restart wordcount
        kubectl get workflow wordcount -w

      Exit codes: 0 it has begun, 1 failed or refused, 2 no such workflow, 3 the API
      server cannot be reached, 64 wrong usage.
      """)

  /// What is set in the template: the time of the last restart.
  static let annotation = "pheromone.dev/restarted-at"

  @Argument(help: "The workflow.")
  var workflow: String

  @OptionGroup var options: ServerOptions

  func validate() throws { try ArgumentCheck.workflow(workflow) }

  func run() async throws {
    try await reportingFailures {
      let configuration = try options.configuration()
      let namespace = options.namespace ?? configuration.namespace
      let client = KubernetesClient(configuration, userAgent: Coordinator.userAgent, logger: Coordinator.logger)
      let patched: KubernetesObject
      do {
        patched = try await client.patch(
          .workflow, namespace: namespace, name: workflow, merge: Self.patch(at: Date()))
      } catch let error as KubernetesError where error.isUnreachable {
        throw CommandFailure(.unavailable, "\(error)")
      } catch let error as KubernetesError where error.isNotFound {
        throw CommandFailure(.notFound, "there is no workflow \(workflow) in the namespace \(namespace)")
      }
      print(Self.outcome(patched))
    }
  }

  static func patch(at date: Date) -> JSONValue {
    let annotations: JSONValue = .object([annotation: .string(Timestamp.microseconds(date))])
    return ["spec": ["template": ["metadata": .object(["annotations": annotations])]]]
  }

  /// What is said of a workflow that was patched.
  static func outcome(_ workflow: KubernetesObject) -> String {
    let beginning = "workflow.pheromone.dev/\(workflow.name)"
    if workflow["spec", "paused"]?.boolValue == true {
      return "\(beginning) restarts once spec.paused is false"
    }
    if workflow["spec", "replicas"]?.intValue == 0 { return "\(beginning) has no replicas to restart" }
    return "\(beginning) restarts"
  }
}
