import FoundationEssentials
import KubernetesAPI
import Posix

/// Makes the folders that stand for a pod's volumes. ConfigMaps and Secrets are written once: later changes of them do
/// not reach a running pod.
package struct VolumeBuilder: Sendable {
  package let folders: PodFolders
  package let downward: DownwardAPI
  package let data: ConfigurationData

  package init(folders: PodFolders, downward: DownwardAPI, data: ConfigurationData) {
    self.folders = folders
    self.downward = downward
    self.data = data
  }

  package func build() throws {
    let pod = downward.pod
    for container in pod.spec.allContainers {
      try makeFolder(folders.logFolder(container.name))
      try makeFolder(folders.workingDirectory(container.name))
    }
    for volume in pod.spec.volumes ?? [] { try build(volume) }
    for container in pod.spec.allContainers {
      for mount in container.volumeMounts ?? [] {
        guard let volume = (pod.spec.volumes ?? []).first(where: { $0.name == mount.name }) else {
          throw StartFailure(.configuration, "container \(container.name) mounts unknown volume \"\(mount.name)\"")
        }
        guard let subPath = mount.subPath, !subPath.isEmpty, volume.hostPath == nil else { continue }
        let path = try inside(folders.volume(volume.name), subPath)
        if !FileManager.default.fileExists(atPath: path) { try makeFolder(path) }
      }
    }
  }

  /// How a container's mount paths read on this machine.
  package func mapping(of container: ContainerSpecification) -> PathMapping {
    PathMapping(
      (container.volumeMounts ?? []).compactMap { mount in
        guard let volume = (downward.pod.spec.volumes ?? []).first(where: { $0.name == mount.name }) else { return nil }
        let root = volume.hostPath?.path ?? folders.volume(volume.name)
        return (mount.mountPath, mount.subPath.map { $0.isEmpty ? root : "\(root)/\($0)" } ?? root)
      })
  }

  private func build(_ volume: VolumeSpecification) throws {
    let folder = folders.volume(volume.name)
    if let host = volume.hostPath {
      guard FileManager.default.fileExists(atPath: host.path) else {
        throw StartFailure(.configuration, "hostPath \(host.path) of volume \"\(volume.name)\" does not exist")
      }
      return
    }
    try makeFolder(folder)
    if volume.emptyDir != nil {
      // Any container of the pod may write, whatever user it runs as elsewhere.
      try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
    } else if let source = volume.configMap {
      try write(data.configMaps[source.name] ?? nil, source.items, source.optional, "configmap", source.name, folder)
    } else if let source = volume.secret {
      let name = source.secretName ?? source.name ?? ""
      try write(data.secrets[name] ?? nil, source.items, source.optional, "secret", name, folder)
    } else if let source = volume.downwardAPI {
      try write(source, folder)
    } else if let projected = volume.projected {
      for source in projected.sources ?? [] {
        if let map = source.configMap {
          try write(data.configMaps[map.name] ?? nil, map.items, map.optional, "configmap", map.name, folder)
        }
        if let secret = source.secret {
          let name = secret.name ?? secret.secretName ?? ""
          try write(data.secrets[name] ?? nil, secret.items, secret.optional, "secret", name, folder)
        }
        if let source = source.downwardAPI { try write(source, folder) }
      }
    } else {
      throw StartFailure(
        .configuration,
        "volume \"\(volume.name)\" is of a kind that the node agent does not have; it has emptyDir, configMap, secret, "
          + "downwardAPI, projected and hostPath")
    }
  }

  private func write(
    _ values: [String: Data]?, _ items: [VolumeSpecification.Item]?, _ optional: Bool?, _ kind: String, _ name: String,
    _ folder: String
  ) throws {
    guard let values else {
      if optional == true { return }
      throw StartFailure(.configuration, "\(kind) \"\(name)\" not found")
    }
    guard let items else {
      for (key, value) in values { try write(value, to: key, in: folder) }
      return
    }
    for item in items {
      guard let value = values[item.key] else {
        if optional == true { continue }
        throw StartFailure(.configuration, "\(kind) \"\(name)\" has no key \"\(item.key)\"")
      }
      try write(value, to: item.path, in: folder)
    }
  }

  private func write(_ source: VolumeSpecification.DownwardSource, _ folder: String) throws {
    for item in source.items ?? [] {
      var text = ""
      if let field = item.fieldRef { text = try downward.value(of: field) }
      if let resource = item.resourceFieldRef, let container = downward.pod.spec.containers.first {
        text = try downward.value(of: resource, in: container)
      }
      try write(Data(text.utf8), to: item.path, in: folder)
    }
  }

  private func write(_ value: Data, to path: String, in folder: String) throws {
    let file = try inside(folder, path)
    try makeFolder(FilePath.folder(of: file))
    try value.write(to: URL(fileURLWithPath: file))
  }

  /// A path below a folder; one that leads out of it is refused.
  private func inside(_ folder: String, _ path: String) throws(StartFailure) -> String {
    guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
      throw StartFailure(.configuration, "the path \"\(path)\" leads out of its volume")
    }
    return "\(folder)/\(path)"
  }

  private func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
}

extension PodSpecification {
  /// The ConfigMaps and Secrets that volumes and environments name.
  package var referencedConfiguration: (configMaps: Set<String>, secrets: Set<String>) {
    var configMaps: Set<String> = []
    var secrets: Set<String> = []
    for container in allContainers {
      for source in container.envFrom ?? [] {
        if let name = source.configMapRef?.name { configMaps.insert(name) }
        if let name = source.secretRef?.name { secrets.insert(name) }
      }
      for entry in container.env ?? [] {
        if let name = entry.valueFrom?.configMapKeyRef?.name { configMaps.insert(name) }
        if let name = entry.valueFrom?.secretKeyRef?.name { secrets.insert(name) }
      }
    }
    for volume in volumes ?? [] {
      if let name = volume.configMap?.name { configMaps.insert(name) }
      if let name = volume.secret?.secretName { secrets.insert(name) }
      for source in volume.projected?.sources ?? [] {
        if let name = source.configMap?.name { configMaps.insert(name) }
        if let name = source.secret?.name { secrets.insert(name) }
      }
    }
    return (configMaps, secrets)
  }
}
