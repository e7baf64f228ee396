import KubernetesAPI

/// Where a pod's files are.
package struct PodFolders: Sendable, Hashable {
  package let home: String

  package init(root: String, pod: PodDescription) {
    // Readable, unique, and short: paths of Unix sockets below it are bounded.
    home = "\(root)/pods/\(pod.namespace)_\(pod.key.name)_\(pod.uid.prefix(8))"
  }

  package func volume(_ name: String) -> String { "\(home)/volumes/\(name)" }
  package func logFolder(_ container: String) -> String { "\(home)/logs/\(container)" }
  package func log(_ run: ContainerRun) -> String { "\(logFolder(run.container))/\(run.attempt).log" }
  /// The working directory of a container that names none.
  package func workingDirectory(_ container: String) -> String { "\(home)/containers/\(container)" }
}
