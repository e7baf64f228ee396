import FoundationEssentials
import KubernetesAPI
import Logging
import Synchronization

extension PodRunner {
  func prepareVolumes() async {
    do {
      let data = try await context.api.configuration(for: pod)
      let volumes = VolumeBuilder(
        folders: folders,
        downward: DownwardAPI(
          pod: pod, podIP: address, hostIP: context.node.address, nodeName: context.node.name,
          capacity: context.node.capacity), data: data)
      try volumes.build()
      launcher.withLock { $0 = ContainerLauncher(volumes: volumes, images: context.images) }
      tell(.volumesReady)
    } catch let failure as StartFailure {
      tell(.volumesFailed(message: failure.message))
    } catch {
      tell(.volumesFailed(message: "cannot set up the volumes: \(error)"))
    }
  }

  func startContainer(_ run: ContainerRun) async {
    guard let container = pod.spec.allContainers.first(where: { $0.name == run.container }),
      let launcher = await refreshedLauncher()
    else { return }
    do {
      let specification = try launcher.process(for: container)
      let log = try makeLog(run)
      // The process may end before its start has been told: its end is held back until then.
      let gate = StartGate()
      let identity: ProcessIdentity
      do throws(ProcessError) {
        identity = try context.processes.start(specification, output: .receiver { log.append($0) }) { [self] exit in
          guard gate.ended(exit) else { return }
          containerEnded(run, exit)
        }
      } catch {
        log.append(Array("\(error)\n".utf8)[...])
        log.append(nil)
        throw StartFailure(.run, error.message)
      }
      processIDs.withLock { $0[run] = identity.pid }
      logger.info("container started", metadata: ["container": .string(run.container), "pid": "\(identity.pid)"])
      tell(.containerStarted(run, pid: identity.pid))
      if let exit = gate.announced() { containerEnded(run, exit) }
    } catch let failure as StartFailure {
      tell(.containerStartFailed(run, failure))
    } catch {
      tell(.containerStartFailed(run, StartFailure(.run, "\(error)")))
    }
  }

  private func containerEnded(_ run: ContainerRun, _ exit: ProcessExit) {
    processIDs.withLock { $0[run] = nil }
    logger.info("container ended", metadata: ["container": .string(run.container), "exit": "\(exit)"])
    let said = logs.withLock { $0[run] }?.ending() ?? ""
    tell(.containerExited(run, exit, said: said))
  }

  /// ConfigMaps and Secrets that were missing at the first attempt may be there now.
  private func refreshedLauncher() async -> ContainerLauncher? {
    guard let old = launcher.withLock({ $0 }) else { return nil }
    guard let data = try? await context.api.configuration(for: pod), data != old.volumes.data else { return old }
    let volumes = VolumeBuilder(folders: old.volumes.folders, downward: old.volumes.downward, data: data)
    let new = ContainerLauncher(volumes: volumes, images: old.images)
    launcher.withLock { $0 = new }
    return new
  }

  private func makeLog(_ run: ContainerRun) throws -> ContainerLog {
    let log = try ContainerLog(path: folders.log(run), sizeLimit: context.logLimit)
    // The log of the run before is kept for `--previous`, older ones are not.
    let old = logs.withLock { logs in
      let old = logs.filter { $0.key.container == run.container && $0.key.attempt < run.attempt - 1 }
      for key in old.keys { logs[key] = nil }
      logs[run] = log
      return old
    }
    for log in old.values {
      try? FileManager.default.removeItem(atPath: log.path)
      try? FileManager.default.removeItem(atPath: log.rotatedPath)
    }
    return log
  }

  /// The log of the newest run of a container, or of the one before it.
  func log(of container: String, previous: Bool) -> ContainerLog? {
    let runs = logs.withLock { $0.filter { $0.key.container == container } }
    let ordered = runs.sorted { $0.key.attempt > $1.key.attempt }.map(\.value)
    return previous ? ordered.dropFirst().first : ordered.first
  }
}

/// Puts the end of a process after the telling of its start.
final class StartGate: Sendable {
  private let state = Mutex<(isAnnounced: Bool, exit: ProcessExit?)>((false, nil))

  /// True if the start has been told, so that the end may be.
  func ended(_ exit: ProcessExit) -> Bool {
    state.withLock { state in
      state.exit = exit
      return state.isAnnounced
    }
  }

  /// The end, if it came before the start was told.
  func announced() -> ProcessExit? {
    state.withLock { state in
      state.isAnnounced = true
      return state.exit
    }
  }
}
