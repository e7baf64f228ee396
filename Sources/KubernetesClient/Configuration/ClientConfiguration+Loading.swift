import FoundationEssentials
import KubernetesAPI

extension ClientConfiguration {
  /// Reads `path`, else what `KUBECONFIG` lists, else `~/.kube/config`, else what Kubernetes mounts into a pod.
  /// Throws `ConfigurationError` or `YAMLError`, which name the file and the line.
  package static func load(
    kubeconfig path: String? = nil, context: String? = nil
  ) throws -> ClientConfiguration {
    try ConfigurationLoader().load(kubeconfig: path, context: context)
  }
}

/// Finds the configuration. What it looks at can be replaced in tests.
struct ConfigurationLoader {
  var environment = ProcessInfo.processInfo.environment
  var homeDirectory = FileManager.default.homeDirectoryForCurrentUser.path
  var serviceAccountDirectory = "/var/run/secrets/kubernetes.io/serviceaccount"

  func load(kubeconfig path: String?, context: String?) throws -> ClientConfiguration {
    if let path {
      guard let file = try KubeconfigFile(path: path) else {
        throw ConfigurationError("there is no such kubeconfig", remedy: "check the path", file: path)
      }
      return try Kubeconfig(files: [file]).configuration(context: context)
    }
    let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
    if !listed.isEmpty {
      let files = try listed.compactMap { try KubeconfigFile(path: $0) }
      guard !files.isEmpty else {
        throw ConfigurationError(
          "no file that KUBECONFIG lists exists (\(listed.joined(separator: ", ")))",
          remedy: "correct KUBECONFIG, or unset it to use ~/.kube/config")
      }
      return try Kubeconfig(files: files).configuration(context: context)
    }
    let usual = homeDirectory + "/.kube/config"
    if let file = try KubeconfigFile(path: usual) {
      return try Kubeconfig(files: [file]).configuration(context: context)
    }
    if let configuration = try inCluster() { return configuration }
    throw ConfigurationError(
      "no cluster to connect to: KUBECONFIG is not set, \(usual) does not exist, and this is no pod",
      remedy: "set KUBECONFIG; `pheromone cluster start` makes a local cluster")
  }

  /// What every pod with a service account has. Nil outside of one.
  private func inCluster() throws -> ClientConfiguration? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty else { return nil }
    let port = environment["KUBERNETES_SERVICE_PORT"] ?? "443"
    let token = serviceAccountDirectory + "/token"
    guard FileManager.default.isReadableFile(atPath: token) else {
      throw ConfigurationError(
        "this pod has no service account token", remedy: "set automountServiceAccountToken: true in its spec",
        file: token)
    }
    var configuration = ClientConfiguration(server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)")
    configuration.origin = "the pod's service account"
    configuration.tokenFile = token
    configuration.caFile = serviceAccountDirectory + "/ca.crt"
    if let data = FileManager.default.contents(atPath: serviceAccountDirectory + "/namespace") {
      let name = String(decoding: data, as: UTF8.self).trimmed
      if !name.isEmpty { configuration.namespace = name }
    }
    return configuration
  }
}
