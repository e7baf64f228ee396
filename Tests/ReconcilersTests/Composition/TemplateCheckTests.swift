import Dataflow
import KubernetesAPI
import KubernetesClient
import Reconcilers
import Testing

@Suite struct TemplateCheckTests {
  @Test(arguments: [
    ("spec.containers[0].image", "spec.template.spec.containers[0].image"),
    ("spec.containers[1].env[4].name", "spec.template.spec.containers[1].env[1].name"),
    ("spec.initContainers[2].image", "spec.template.spec.initContainers[1].image"),
    ("spec.initContainers[0].resources.limits", "spec.sidecar.resources.limits"),
    ("metadata.labels", "spec.template.metadata.labels"),
    ("", "spec.template"),
  ]) func fieldsAreThoseOfTheWorkflow(pod: String, workflow: String) {
    #expect(TemplateCheck.field(pod) == workflow)
  }

  @Test func onlyWhatIsWrongWithTheTemplateCounts() {
    let invalid = KubernetesError(
      APIStatus(
        message: "Pod \"x\" is invalid", reason: "Invalid",
        details: .init(causes: [
          .init(reason: "FieldValueRequired", message: "Required value", field: "spec.containers[0].image")
        ]),
        code: 422))
    #expect(TemplateCheck.findings(invalid, workflow: "w")?.map(\.field) == ["spec.template.spec.containers[0].image"])
    let security = KubernetesError(
      APIStatus(
        message: "pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": …", reason: "Forbidden",
        code: 403))
    #expect(TemplateCheck.findings(security, workflow: "w")?.count == 1)
    let quota = KubernetesError(APIStatus(message: "exceeded quota", reason: "Forbidden", code: 403))
    #expect(TemplateCheck.findings(quota, workflow: "w") == nil)
  }
}
