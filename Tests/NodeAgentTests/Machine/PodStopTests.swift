import KubernetesAPI
import NodeAgent
import Testing

@Suite struct PodStopTests {
  private static func withHook(_ container: inout ContainerSpecification) {
    container.lifecycle = .init(preStop: .init(exec: .init(command: ["true"])))
  }

  /// Two main containers, the first with a hook, and two sidecars, the second with a hook; all running.
  private func running() -> PodScript {
    var pod = PodScript(
      .init(
        containers: [.named("a", Self.withHook), .named("b")],
        initContainers: [.sidecar("s1"), .sidecar("s2", Self.withHook)]))
    pod.tell(.volumesReady)
    for name in ["s1", "s2", "a", "b"] { pod.started(name) }
    return pod
  }

  @Test func allHooksRunAtOnceThenMainContainersThenSidecarsInReverse() {
    var pod = running()
    pod.tell(.deletionRequested(grace: .seconds(30)))
    #expect(pod.moves.contains(.runHook(pod.run("a"), .preStop)))
    #expect(pod.moves.contains(.runHook(pod.run("s2"), .preStop)))
    #expect(pod.moves.contains(.schedule(.podGrace, after: .seconds(30))))
    #expect(pod.signals == ["b terminate"])
    pod.tell(.hookFinished(pod.run("s2"), .preStop, succeeded: true, message: ""))
    #expect(pod.signals == [])
    pod.tell(.hookFinished(pod.run("a"), .preStop, succeeded: true, message: ""))
    #expect(pod.signals == ["a terminate"])
    pod.exited("b", 0)
    #expect(pod.signals == [])
    pod.exited("a", 0)
    #expect(pod.signals == ["s2 terminate"])
    pod.exited("s2", 0)
    #expect(pod.signals == ["s1 terminate"])
    #expect(!pod.moves.contains(.finish))
    pod.exited("s1", 0)
    #expect(pod.moves.last == .finish)
    #expect(pod.actions.firstIndex(of: .reportStatus) ?? .max < pod.actions.firstIndex(of: .finish) ?? .min)
    #expect(pod.starts == [])
  }

  @Test func theEndOfTheGraceKillsMainContainersAndGivesSidecarsALastWord() {
    var pod = running()
    pod.tell(.deletionRequested(grace: .seconds(5)))
    pod.tell(.timerFired(.podGrace), after: .seconds(5))
    #expect(pod.signals == ["a kill", "b kill"])
    #expect(pod.moves.contains(.schedule(.podGrace, after: .seconds(2))))
    pod.exited("a", 1)
    pod.exited("b", 1)
    #expect(pod.signals == ["s2 terminate"])
    pod.tell(.timerFired(.podGrace), after: .seconds(2))
    #expect(pod.signals == ["s1 kill", "s2 kill"])
    pod.exited("s2", 1)
    pod.exited("s1", 1)
    #expect(pod.moves.last == .finish)
  }

  @Test func aNodeThatGoesDownStopsItsPodsInTheSameOrderAndSaysWhy() {
    var pod = running()
    pod.tell(.nodeShutdownBegan(grace: .seconds(30)))
    #expect(pod.signals == ["b terminate"])
    #expect(pod.condition("DisruptionTarget") == "True")
    // A phase that is over means that nothing runs any more.
    #expect(pod.machine.phase == "Running")
    pod.tell(.hookFinished(pod.run("s2"), .preStop, succeeded: true, message: ""))
    pod.tell(.hookFinished(pod.run("a"), .preStop, succeeded: true, message: ""))
    pod.exited("b", 0)
    pod.exited("a", 0)
    #expect(pod.signals == ["s2 terminate"])
    pod.exited("s2", 0)
    pod.exited("s1", 143)
    #expect(pod.moves.last == .finish)
    #expect(pod.machine.isToLeave && !pod.machine.isDeletionRequested)
    #expect(pod.machine.lastReport?.phase == "Failed")
    #expect(pod.machine.lastReport?.reason == "Terminated")
    #expect(pod.machine.lastReport?.message == "Pod was terminated in response to imminent node shutdown.")
  }

  @Test func aPodThatIsBeingDeletedStaysSoWhenItsNodeGoesDown() {
    var pod = running()
    pod.tell(.deletionRequested(grace: .seconds(30)))
    pod.tell(.nodeShutdownBegan(grace: .seconds(10)))
    #expect(pod.moves.contains(.schedule(.podGrace, after: .seconds(10))))
    #expect(pod.condition("DisruptionTarget") == nil)
    #expect(pod.machine.isDeletionRequested)
  }

  @Test func noGraceKillsAtOnce() {
    var pod = running()
    pod.tell(.deletionRequested(grace: .zero))
    #expect(pod.signals == ["s1 kill", "s2 kill", "a kill", "b kill"])
  }

  @Test func aSecondDeletionCanOnlyShortenTheGrace() {
    var pod = running()
    pod.tell(.deletionRequested(grace: .seconds(30)))
    pod.tell(.deletionRequested(grace: .seconds(60)))
    #expect(pod.moves == [])
    pod.tell(.deletionRequested(grace: .seconds(1)))
    #expect(pod.moves == [.schedule(.podGrace, after: .seconds(1))])
    pod.tell(.deletionRequested(grace: .zero))
    #expect(pod.signals.contains("a kill"))
  }

  @Test func aContainerThatComesUpAfterTheDeletionIsStopped() {
    var pod = PodScript(.init(containers: [.named("a")]))
    pod.tell(.volumesReady)
    pod.tell(.deletionRequested(grace: .seconds(30)))
    #expect(!pod.moves.contains(.finish))
    pod.started("a")
    #expect(pod.signals == ["a terminate"])
    pod.exited("a", 0)
    #expect(pod.moves.last == .finish)
  }

  @Test func aPodThatNeverBeganIsGoneAtOnce() {
    var pod = PodScript(.init(containers: [.named("a")]))
    pod.tell(.deletionRequested(grace: .seconds(30)))
    #expect(pod.moves.last == .finish)
  }

  @Test func whenTheMainContainersAreThroughTheSidecarsAreStopped() {
    var spec = PodSpecification(containers: [.named("a")], initContainers: [.sidecar("s")])
    spec.restartPolicy = .never
    var pod = PodScript(spec)
    pod.tell(.volumesReady)
    pod.started("s")
    pod.started("a")
    pod.exited("a", 0)
    #expect(pod.signals == ["s terminate"])
    #expect(pod.machine.phase == "Running")
    pod.exited("s", 143)
    #expect(pod.machine.phase == "Succeeded")
    #expect(pod.moves.last == .finish)
    pod.tell(.deletionRequested(grace: .seconds(30)))
    #expect(pod.moves == [.finish])
  }
}
