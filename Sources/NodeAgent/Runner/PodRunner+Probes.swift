import KubernetesAPI
import Synchronization

extension PodRunner {
  func runProbe(_ run: ContainerRun, _ kind: ProbeKind) async {
    guard let container = pod.spec.allContainers.first(where: { $0.name == run.container }),
      let probe = container.probe(kind)
    else { return }
    let outcome = await outcome(of: probe.action, in: container, timeout: probe.timeout)
    tell(.probeFinished(run, kind, succeeded: outcome.succeeded, message: outcome.message))
  }

  func runHook(_ run: ContainerRun, _ kind: HookKind) async {
    guard let container = pod.spec.allContainers.first(where: { $0.name == run.container }),
      let hook = container.hook(kind)
    else { return }
    // A hook may use the whole grace; what is longer than that is cut off by the end of the process.
    let limit = kind == .preStop ? pod.spec.gracePeriod + .seconds(5) : .seconds(600)
    let outcome = await outcome(of: hook, in: container, timeout: limit)
    tell(.hookFinished(run, kind, succeeded: outcome.succeeded, message: outcome.message))
  }

  private func outcome(
    of action: HookSpecification, in container: ContainerSpecification, timeout: Duration
  ) async -> NetworkProbe.Outcome {
    if let exec = action.exec {
      guard let launcher = launcher.withLock({ $0 }) else { return .init(succeeded: false, message: "not ready") }
      do throws(StartFailure) {
        let specification = try launcher.process(for: container, executing: exec.command ?? [])
        return await CommandProbe(processes: context.processes, specification: specification, timeout: timeout).run()
      } catch {
        return .init(succeeded: false, message: error.message)
      }
    }
    if let get = action.httpGet {
      guard get.scheme?.uppercased() != "HTTPS" else {
        return .init(succeeded: false, message: "the node agent has no HTTPS probes; use scheme HTTP")
      }
      guard let port = get.port.resolved(in: container) else { return unknownPort(get.port) }
      return await NetworkProbe(host: get.host ?? address, port: port, timeout: timeout)
        .get(path: get.path ?? "/", headers: get.httpHeaders ?? [])
    }
    if let socket = action.tcpSocket {
      guard let port = socket.port.resolved(in: container) else { return unknownPort(socket.port) }
      return await NetworkProbe(host: socket.host ?? address, port: port, timeout: timeout).connect()
    }
    if let pause = action.sleep {
      try? await Task.sleep(for: .seconds(max(0, pause.seconds)))
      return .init(succeeded: true, message: "slept")
    }
    return .init(
      succeeded: false, message: "the node agent knows exec, httpGet and tcpSocket, and none of them is given")
  }

  private func unknownPort(_ port: PortReference) -> NetworkProbe.Outcome {
    .init(succeeded: false, message: "the container has no port \(port)")
  }
}
