import KubernetesAPI
import NodeAgent
import Testing

@Suite struct PodStartTests {
  @Test func initContainersRunOneAfterTheOtherAndThenAllMainContainersAtOnce() {
    var pod = PodScript(.init(containers: [.named("a"), .named("b")], initContainers: [.named("i1"), .named("i2")]))
    #expect(pod.actions.first == .prepareVolumes)
    pod.tell(.volumesReady)
    #expect(pod.starts == ["i1"])
    pod.started("i1")
    #expect(pod.starts == [])
    #expect(pod.waitingReason("a") == "PodInitializing")
    pod.exited("i1", 0)
    #expect(pod.starts == ["i2"])
    pod.started("i2")
    pod.exited("i2", 0)
    #expect(pod.starts == ["a", "b"])
    #expect(pod.condition("Initialized") == "True")
    #expect(pod.machine.phase == "Pending")
    pod.started("a")
    pod.started("b")
    #expect(pod.machine.phase == "Running")
    #expect(pod.condition("Ready") == "True")
    #expect(pod.status("i1")?[path: "state", "terminated", "reason"] == "Completed")
  }

  @Test func aSidecarHoldsUpWhatFollowsUntilItsStartupProbeHasPassed() {
    let sidecar = ContainerSpecification.sidecar("s") { $0.startupProbe = .every(1) }
    var pod = PodScript(.init(containers: [.named("a")], initContainers: [sidecar]))
    pod.tell(.volumesReady)
    #expect(pod.starts == ["s"])
    pod.started("s")
    #expect(pod.moves == [.schedule(.probe(container: "s", .startup), after: .zero)])
    pod.tell(.timerFired(.probe(container: "s", .startup)))
    #expect(pod.moves == [.runProbe(pod.run("s"), .startup)])
    pod.probe("s", .startup, false)
    #expect(pod.starts == [])
    #expect(pod.moves == [.schedule(.probe(container: "s", .startup), after: .seconds(1))])
    pod.probe("s", .startup, true)
    #expect(pod.starts == ["a"])
  }

  @Test func aSidecarThatEndsAfterInitializationIsRestartedAndHoldsUpNothing() {
    var pod = PodScript(.init(containers: [.named("a")], initContainers: [.sidecar("s")]))
    pod.tell(.volumesReady)
    pod.started("s")
    pod.started("a")
    pod.exited("s", 1)
    #expect(pod.starts == ["s"])
    #expect(pod.condition("Ready") == "False")
    pod.started("s", attempt: 1)
    #expect(pod.condition("Ready") == "True")
    #expect(pod.status("s")?["restartCount"] == 1)
    #expect(pod.status("s")?[path: "lastState", "terminated", "exitCode"] == 1)
  }

  @Test func aPostStartHookDelaysTheProbesAndItsFailureStopsTheContainer() {
    let container = ContainerSpecification.named("a") {
      $0.lifecycle = .init(postStart: .init(exec: .init(command: ["true"])))
      $0.readinessProbe = .every(5)
    }
    var pod = PodScript(.init(containers: [container]))
    pod.tell(.volumesReady)
    pod.started("a")
    #expect(pod.moves == [.runHook(pod.run("a"), .postStart)])
    var failing = pod
    pod.tell(.hookFinished(pod.run("a"), .postStart, succeeded: true, message: ""))
    #expect(pod.moves == [.schedule(.probe(container: "a", .readiness), after: .zero)])
    failing.tell(.hookFinished(pod.run("a"), .postStart, succeeded: false, message: "no"))
    #expect(failing.signals == ["a terminate"])
    #expect(failing.eventReasons == ["FailedPostStartHook", "Killing"])
  }

  @Test func anUnknownImageWaitsWithTheReasonsOfKubernetes() {
    var pod = PodScript(.init(containers: [.named("a")]))
    pod.tell(.volumesReady)
    pod.tell(.containerStartFailed(pod.run("a"), StartFailure(.imagePull, "unknown")))
    #expect(pod.waitingReason("a") == "ErrImagePull")
    #expect(pod.moves == [.schedule(.restart(container: "a"), after: .seconds(1))])
    pod.tell(.timerFired(.restart(container: "a")))
    #expect(pod.starts == ["a"])
    pod.tell(.containerStartFailed(pod.run("a"), StartFailure(.imagePull, "unknown")))
    #expect(pod.waitingReason("a") == "ImagePullBackOff")
    #expect(pod.moves == [.schedule(.restart(container: "a"), after: .seconds(2))])
    #expect(pod.machine.phase == "Pending")
  }

  @Test func volumesThatCannotBeMadeAreTriedAgain() {
    var pod = PodScript(.init(containers: [.named("a")]))
    pod.tell(.volumesFailed(message: "configmap \"x\" not found"))
    #expect(pod.eventReasons == ["FailedMount"])
    #expect(pod.moves == [.schedule(.volumes, after: .seconds(1))])
    pod.tell(.timerFired(.volumes))
    #expect(pod.moves == [.prepareVolumes])
    #expect(pod.waitingReason("a") == "ContainerCreating")
  }
}
