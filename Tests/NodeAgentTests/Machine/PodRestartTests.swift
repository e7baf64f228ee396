import KubernetesAPI
import NodeAgent
import Testing

@Suite struct PodRestartTests {
  private func running(_ policy: PodSpecification.RestartPolicy = .always) -> PodScript {
    var spec = PodSpecification(containers: [.named("a")])
    spec.restartPolicy = policy
    var pod = PodScript(spec)
    pod.tell(.volumesReady)
    pod.started("a")
    return pod
  }

  @Test func theFirstRestartIsImmediateAndTheOthersBackOff() {
    var pod = running()
    pod.exited("a", 3)
    #expect(pod.starts == ["a"])
    for (attempt, wait) in [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (7, 30)] {
      pod.started("a", attempt: attempt)
      pod.exited("a", 3, attempt: attempt)
      #expect(pod.waitingReason("a") == "CrashLoopBackOff")
      #expect(pod.moves == [.schedule(.restart(container: "a"), after: .seconds(wait))])
      #expect(pod.status("a")?["restartCount"]?.intValue == attempt)
      pod.tell(.timerFired(.restart(container: "a")))
      #expect(pod.starts == ["a"])
    }
  }

  @Test func tenMinutesOfRunningResetTheBackOff() {
    var pod = running()
    pod.exited("a", 1)
    pod.started("a", attempt: 1)
    pod.exited("a", 1, attempt: 1, after: .seconds(600))
    #expect(pod.starts == ["a"])
  }

  @Test(arguments: [
    (PodSpecification.RestartPolicy.never, Int32(0), "Succeeded"), (.never, 1, "Failed"), (.onFailure, 0, "Succeeded"),
  ])
  func aContainerThatIsNotRestartedEndsThePod(
    _ policy: PodSpecification.RestartPolicy, _ code: Int32, _ phase: String
  ) {
    var pod = running(policy)
    pod.exited("a", code)
    #expect(pod.starts == [])
    #expect(pod.machine.phase == phase)
    #expect(pod.moves.contains(.finish))
    #expect(pod.status("a")?[path: "state", "terminated", "exitCode"]?.intValue == Int(code))
  }

  @Test func onFailureRestartsAFailure() {
    var pod = running(.onFailure)
    pod.exited("a", 1)
    #expect(pod.starts == ["a"])
  }

  @Test(
    arguments: [
      ("FallbackToLogsOnError", Int32(3), "no database" as String?), ("FallbackToLogsOnError", 0, nil),
      ("File", 3, nil),
      (nil, 3, nil),
    ] as [(String?, Int32, String?)])
  func theEndOfTheLogIsToldWhereThePodAsksForIt(policy: String?, code: Int32, message: String?) {
    var pod = PodScript(PodSpecification(containers: [.named("a") { $0.terminationMessagePolicy = policy }]))
    pod.tell(.volumesReady)
    pod.started("a")
    pod.tell(.containerExited(pod.run("a"), .exited(code: code), said: "no database"))
    #expect(pod.status("a")?[path: "lastState", "terminated", "message"]?.stringValue == message)
  }

  @Test func aSignalIsCountedAsShellsDo() {
    var pod = running()
    pod.tell(.containerExited(pod.run("a"), .signalled(signal: 9)))
    let last = pod.status("a")?[path: "lastState", "terminated"]
    #expect(last?["exitCode"] == 137)
    #expect(last?["signal"] == 9)
    #expect(last?["reason"] == "Error")
  }

  @Test func anInitContainerThatFailsUnderNeverFailsThePod() {
    var spec = PodSpecification(containers: [.named("a")], initContainers: [.named("i")])
    spec.restartPolicy = .never
    var pod = PodScript(spec)
    pod.tell(.volumesReady)
    pod.started("i")
    pod.exited("i", 2)
    #expect(pod.machine.phase == "Failed")
    #expect(pod.starts == [])
    #expect(pod.waitingReason("a") == "PodInitializing")
  }

  @Test func livenessFailuresStopTheContainerAndItIsRestarted() {
    let container = ContainerSpecification.named("a") { $0.livenessProbe = .every(1, failures: 2) }
    var pod = PodScript(.init(containers: [container]))
    pod.tell(.volumesReady)
    pod.started("a")
    pod.probe("a", .liveness, false)
    #expect(pod.signals == [])
    pod.probe("a", .liveness, true)
    pod.probe("a", .liveness, false)
    pod.probe("a", .liveness, false)
    #expect(pod.signals == ["a terminate"])
    #expect(pod.moves.contains(.schedule(.containerGrace(container: "a"), after: .seconds(30))))
    pod.tell(.timerFired(.containerGrace(container: "a")))
    #expect(pod.signals == ["a kill"])
    pod.tell(.containerExited(pod.run("a"), .signalled(signal: 9)))
    #expect(pod.starts == ["a"])
  }

  @Test func readinessFollowsItsThresholds() {
    let container = ContainerSpecification.named("a") { $0.readinessProbe = .every(1, failures: 2) }
    var pod = PodScript(.init(containers: [container]))
    pod.tell(.volumesReady)
    pod.started("a")
    #expect(pod.condition("Ready") == "False")
    pod.probe("a", .readiness, true)
    #expect(pod.condition("Ready") == "True")
    pod.probe("a", .readiness, false)
    #expect(pod.condition("Ready") == "True")
    pod.probe("a", .readiness, false)
    #expect(pod.condition("Ready") == "False")
  }

  @Test func aProbeOfAnEarlierRunIsIgnored() {
    let container = ContainerSpecification.named("a") { $0.readinessProbe = .every(1) }
    var pod = PodScript(.init(containers: [container]))
    pod.tell(.volumesReady)
    pod.started("a")
    pod.exited("a", 1)
    pod.started("a", attempt: 1)
    pod.probe("a", .readiness, true, attempt: 0)
    #expect(pod.actions == [])
    #expect(pod.condition("Ready") == "False")
  }
}
