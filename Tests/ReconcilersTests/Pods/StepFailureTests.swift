import KubernetesAPI
import KubernetesClient
import Reconcilers
import Testing

/// What API servers and their admission say when they refuse a pod, and what a person is told to do.
@Suite struct StepFailureTests {
  @Test(arguments: [
    (
      "pods \"w-1\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2",
      "raise the ResourceQuota, or ask for less"
    ),
    (
      "pods \"w-1\" is forbidden: failed quota: q: must specify limits.cpu for: app",
      "write what the ResourceQuota counts"
    ),
    (
      "pods \"w-1\" is forbidden: maximum memory usage per Container is 64Mi, but limit is 320Mi",
      "stay within the namespace's LimitRange"
    ),
    (
      "pods \"w-1\" is forbidden: violates PodSecurity \"restricted:latest\": privileged", "relabel the namespace"
    ),
    (
      "pods \"w-1\" is forbidden: error looking up service account n/s: serviceaccount \"s\" not found",
      "create the ServiceAccount"
    ),
    ("pods \"w-1\" is forbidden: no PriorityClass with name p was found", "create the PriorityClass"),
    (
      "admission webhook \"policy.example.com\" denied the request: no team label", "ask whoever keeps the policy"
    ),
    (
      "pods is forbidden: User \"system:serviceaccount:pheromone-system:c\" cannot create resource \"pods\"",
      "give the controller the rights"
    ),
  ])
  func refusalsHaveARemedy(message: String, remedy: String) {
    let failure = StepFailure(.create, KubernetesError(APIStatus(message: message, reason: "Forbidden", code: 403)))
    #expect(failure.reason == "FailedCreate")
    #expect(failure.message.hasPrefix("cannot create an executor pod: "))
    #expect(failure.message.contains(message))
    #expect(failure.message.contains(remedy), "\(failure.message)")
  }

  @Test func otherStepsAreNotCalledCreation() {
    let error = KubernetesError(APIStatus(message: "slow down", reason: "TooManyRequests", code: 429))
    #expect(StepFailure(.delete, error).reason == "FailedDelete")
    #expect(StepFailure(.budget, error).message.contains("cannot write the PodDisruptionBudget"))
    #expect(StepFailure(.budget, error).message.contains("too much to do"))
  }
}
