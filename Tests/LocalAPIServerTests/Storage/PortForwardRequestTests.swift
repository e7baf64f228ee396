import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct PortForwardRequestTests {
  @Test func `ports of pods that run are forwarded to their address`() {
    var harness = Harness()
    let path = Harness.pods + "/p/portforward"
    #expect(harness.send("POST", path).code == 404)
    harness.create(Harness.pods, Harness.pod("p"))
    let pending = harness.send("POST", path)
    #expect(pending.code == 400 && pending.message.contains("not running"), "\(pending.message)")
    harness.merge(Harness.pods + "/p/status", ["status": ["podIP": "127.5.0.9", "phase": "Running"]])
    let target = PortForwardTarget(namespace: "default", pod: "p", address: "127.5.0.9")
    #expect(harness.send("POST", path).forward == target)
    #expect(harness.get(path).forward == target)
    #expect(harness.delete(path).code == 405)
    #expect(harness.send("POST", Harness.workflows + "/w/portforward").code == 404)
  }
}
