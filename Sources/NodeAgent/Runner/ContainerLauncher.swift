import FoundationEssentials
import KubernetesAPI
import Posix

/// Turns a container's specification into a process: image, command, arguments, environment, working directory.
package struct ContainerLauncher: Sendable {
  package let volumes: VolumeBuilder
  package let images: ImageMap
  /// What of this program's own environment containers get.
  package let inherited: [String: String]

  package init(volumes: VolumeBuilder, images: ImageMap, inherited: [String: String] = Self.inheritedVariables()) {
    self.volumes = volumes
    self.images = images
    self.inherited = inherited
  }

  /// Enough to find programs and libraries; nothing that tells a container of this machine's credentials.
  package static func inheritedVariables() -> [String: String] {
    let names: Set = ["PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH", "TMPDIR"]
    return ProcessInfo.processInfo.environment.filter { names.contains($0.key) }
  }

  package func process(for container: ContainerSpecification) throws(StartFailure) -> ProcessSpecification {
    let entryPoint = try images.entryPoint(of: container.image ?? "")
    return try process(
      for: container, command: container.command ?? [], arguments: container.args ?? [], entryPoint: entryPoint)
  }

  /// For probes and hooks: a command beside a running container.
  package func process(
    for container: ContainerSpecification, executing command: [String]
  ) throws(StartFailure) -> ProcessSpecification {
    let entryPoint = try images.entryPoint(of: container.image ?? "")
    guard !command.isEmpty else { throw StartFailure(.run, "exec: the command is empty") }
    return try process(for: container, command: command, arguments: [], entryPoint: entryPoint)
  }

  private func process(
    for container: ContainerSpecification, command: [String], arguments: [String], entryPoint: String
  ) throws(StartFailure) -> ProcessSpecification {
    let mapping = volumes.mapping(of: container)
    let folder = FilePath.folder(of: entryPoint)
    var base = inherited
    base["PATH"] = [folder, inherited["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"].joined(separator: ":")
    base["HOSTNAME"] = volumes.downward.pod.spec.hostname ?? volumes.downward.pod.key.name
    let environment = try ContainerEnvironment(
      of: container, downward: volumes.downward, data: volumes.data, mapping: mapping, base: base)
    let words = (command + arguments).map { mapping.replace(in: environment.expand($0)) }
    var executable = command.isEmpty ? entryPoint : words[0]
    if executable.hasPrefix("/"), !FileManager.default.fileExists(atPath: executable) {
      // A path of the real image: the same name in the folder that stands for it.
      let name = FilePath.name(of: executable)
      if FileManager.default.fileExists(atPath: "\(folder)/\(name)") { executable = "\(folder)/\(name)" }
    }
    return ProcessSpecification(
      executable: executable, arguments: Array(command.isEmpty ? words : Array(words.dropFirst())),
      environment: environment.values,
      workingDirectory: container.workingDir.map { mapping.replace(in: environment.expand($0)) }
        ?? volumes.folders.workingDirectory(container.name))
  }
}
