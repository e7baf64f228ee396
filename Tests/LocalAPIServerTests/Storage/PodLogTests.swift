import KubernetesAPI
import Testing

@testable import LocalAPIServer

@Suite struct PodLogTests {
  @Test func logsAreAskedOfThePodsNode() throws {
    var harness = Harness()
    harness.create(Harness.pods, Harness.pod("p"))
    #expect(harness.get(Harness.pods + "/p/log").message == "pod p does not have a host assigned")
    harness.create(Harness.pods + "/p/binding", ["target": ["name": "n"]])
    #expect(harness.get(Harness.pods + "/p/log").code == 404)
    harness.create("/api/v1/nodes", ["metadata": ["name": "n"]])
    #expect(harness.get(Harness.pods + "/p/log").code == 503)
    harness.merge(
      "/api/v1/nodes/n/status",
      [
        "status": [
          "addresses": [["type": "InternalIP", "address": "127.0.0.1"]],
          "daemonEndpoints": ["kubeletEndpoint": ["Port": 10250]],
        ]
      ])
    let log = try #require(harness.get(Harness.pods + "/p/log?follow=true&tailLines=5&pretty=1").log)
    #expect(log.host == "127.0.0.1" && log.port == 10250)
    #expect(log.path == "/containerLogs/default/p/app")
    #expect(log.passedQuery.map { "\($0.name)=\($0.value)" } == ["follow=true", "tailLines=5"])
    let wrong = harness.get(Harness.pods + "/p/log?container=nope")
    #expect(wrong.message == "container nope is not valid for pod p")
  }
}
