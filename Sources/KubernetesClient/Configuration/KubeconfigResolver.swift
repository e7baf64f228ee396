import FoundationEssentials
import KubernetesAPI

/// Turns a context with its cluster and user into a configuration.
struct KubeconfigResolver {
  let context: Kubeconfig.Entry
  let cluster: Kubeconfig.Entry
  let user: Kubeconfig.Entry?

  func configuration() throws -> ClientConfiguration {
    guard let server = try cluster.text("server") else {
      throw cluster.error("the cluster has no server", remedy: "add `server: https://…`")
    }
    let address = ServerAddress(server)
    guard ["http", "https"].contains(address.scheme), !address.host.isEmpty, (1...65535).contains(address.port) else {
      throw cluster.error("\"\(server)\" is no address of a server", remedy: "write https://host:port", at: "server")
    }
    var configuration = ClientConfiguration(server: server)
    configuration.origin = cluster.file.path
    configuration.namespace = try context.text("namespace") ?? "default"
    configuration.caFile = try cluster.path("certificate-authority")
    configuration.caData = try decoded(cluster, "certificate-authority-data")
    configuration.insecureSkipTLSVerify = try cluster.flag("insecure-skip-tls-verify")
    configuration.tlsServerName = try cluster.text("tls-server-name")
    configuration.proxyURL = try proxyURL()
    if configuration.insecureSkipTLSVerify, configuration.caFile != nil || configuration.caData != nil {
      throw cluster.error(
        "a certificate authority is given and insecure-skip-tls-verify is true", remedy: "remove one of them",
        at: "insecure-skip-tls-verify")
    }
    if let user { try add(user, to: &configuration) }
    return configuration
  }

  /// The message does not repeat the URL, which may hold a password.
  private func proxyURL() throws -> String? {
    guard let url = try cluster.text("proxy-url") else { return nil }
    let address = ServerAddress(url)
    guard url.contains("://"), ["http", "https", "socks5"].contains(address.scheme), !address.host.isEmpty,
      (1...65535).contains(address.port)
    else {
      throw cluster.error(
        "proxy-url is no address of a proxy", remedy: "write http://, https:// or socks5://host:port", at: "proxy-url")
    }
    return url
  }

  private func add(_ user: Kubeconfig.Entry, to configuration: inout ClientConfiguration) throws {
    for (member, name) in [("exec", "credential plugins"), ("auth-provider", "authentication providers")] {
      guard user.content[member]?.isNull ?? true else {
        throw user.error(
          "\(name) are not supported: pheromone starts no programs to get credentials",
          remedy: "use a token or a client certificate, such as `kubectl create token` gives", at: member)
      }
    }
    for member in ["as", "as-uid", "as-groups", "as-user-extra"] where !(user.content[member]?.isNull ?? true) {
      throw user.error("acting as another user is not supported", remedy: "remove it or use another user", at: member)
    }
    configuration.clientCertificateFile = try user.path("client-certificate")
    configuration.clientCertificateData = try decoded(user, "client-certificate-data")
    configuration.clientKeyFile = try user.path("client-key")
    configuration.clientKeyData = try decoded(user, "client-key-data").map { Secret($0) }
    configuration.token = try user.text("token").map { Secret($0) }
    configuration.tokenFile = try user.path("tokenFile")
    configuration.username = try user.text("username")
    configuration.password = try user.text("password").map { Secret($0) }
    let hasCertificate = configuration.clientCertificateFile != nil || configuration.clientCertificateData != nil
    let hasKey = configuration.clientKeyFile != nil || configuration.clientKeyData != nil
    guard hasCertificate == hasKey else {
      throw user.error(
        "the client \(hasKey ? "key has no certificate" : "certificate has no key")",
        remedy: "add client-\(hasKey ? "certificate" : "key") or client-\(hasKey ? "certificate" : "key")-data")
    }
  }

  private func decoded(_ entry: Kubeconfig.Entry, _ name: String) throws -> String? {
    guard let text = try entry.text(name) else { return nil }
    guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }),
      let pem = String(data: data, encoding: .utf8)
    else {
      throw entry.error("\(name) is not base64", remedy: "give the base64 of the whole PEM file", at: name)
    }
    return pem
  }
}
