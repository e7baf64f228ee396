import Foundation
import Testing

@testable import KubernetesClient

@Suite struct KubeconfigTests {
  static let good = """
    apiVersion: v1
    kind: Config
    current-context: dev
    clusters:
    - name: c
      cluster:
        server: https://10.0.0.1:6443
        certificate-authority: ca.crt
        tls-server-name: kubernetes
        proxy-url: http://proxy:3128
    - name: plain
      cluster: {server: "http://127.0.0.1:7780"}
    users:
    - name: u
      user:
        client-certificate-data: UEVN
        client-key-data: UEVN
        token: s3cret-token
    contexts:
    - name: dev
      context: {cluster: c, user: u, namespace: team}
    - name: local
      context: {cluster: plain}
    """

  private func load(_ text: String, context: String? = nil) throws -> ClientConfiguration {
    try Kubeconfig(files: [try #require(try KubeconfigFile(path: "/etc/k/config", text: text) as KubeconfigFile?)])
      .configuration(context: context)
  }

  @Test func readsEverything() throws {
    let configuration = try load(Self.good)
    #expect(configuration.server == "https://10.0.0.1:6443")
    #expect(configuration.namespace == "team")
    #expect(configuration.caFile == "/etc/k/ca.crt")
    #expect(configuration.clientCertificateData == "PEM")
    #expect(configuration.clientKeyData?.revealed == "PEM")
    #expect(configuration.tlsServerName == "kubernetes")
    #expect(configuration.proxyURL == "http://proxy:3128")
    #expect(try load(Self.good, context: "local").server == "http://127.0.0.1:7780")
  }

  @Test func hidesSecrets() throws {
    let configuration = try load(Self.good)
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(!text.contains("s3cret"))
    }
  }

  @Test(arguments: [
    ("exec: {command: aws}", "credential plugins are not supported", 7),
    ("auth-provider: {name: gcp}", "authentication providers are not supported", 7),
    ("client-certificate-data: '%%%'", "not base64", 7), ("client-certificate: a.crt", "certificate has no key", 6),
    ("token: 12", "should be text", 7),
  ])
  func refusesUsers(member: String, message: String, line: Int) throws {
    let text = """
      current-context: x
      clusters: [{name: c, cluster: {server: "https://h"}}]
      contexts: [{name: x, context: {cluster: c, user: u}}]
      users:
      - name: u
        user:
          \(member)
      """
    let error = try #require(throws: ConfigurationError.self) { try load(text) }
    #expect(error.message.contains(message))
    #expect(error.line == line)
    #expect(error.file == "/etc/k/config")
  }

  @Test(arguments: [
    ("kind: Config", "no context is chosen"), ("current-context: nope", "no context \"nope\""),
    ("[]", "no kubeconfig"), ("contexts: 3\ncurrent-context: x", "contexts should be a list"),
    ("current-context: x\ncontexts: [{name: x, context: {cluster: gone}}]", "no cluster \"gone\""),
    (
      "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]",
      "no server"
    ),
    (
      "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n"
        + "clusters: [{name: c, cluster: {server: 'ftp://h'}}]", "no address"
    ),
    (
      "current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\n"
        + "clusters: [{name: c, cluster: {server: 'https://h', proxy-url: 'proxy:3128'}}]", "no address of a proxy"
    ),
  ])
  func refusesFiles(text: String, message: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try load(text) }
    #expect(error.message.contains(message))
    #expect(!error.remedy.isEmpty)
  }

  @Test func mergesFilesAndTheFirstCounts() throws {
    let one = try #require(try KubeconfigFile(path: "/a/one", text: "current-context: dev") as KubeconfigFile?)
    let two = try #require(try KubeconfigFile(path: "/b/two", text: Self.good) as KubeconfigFile?)
    #expect(try Kubeconfig(files: [one, two]).configuration(context: nil).caFile == "/b/ca.crt")
  }

  @Test func readsTheServiceAccountOfAPod() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sa-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("token\n".utf8).write(to: folder.appendingPathComponent("token"))
    try Data("team".utf8).write(to: folder.appendingPathComponent("namespace"))
    let loader = ConfigurationLoader(
      environment: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"],
      homeDirectory: folder.path, serviceAccountDirectory: folder.path)
    let configuration = try loader.load(kubeconfig: nil, context: nil)
    #expect(configuration.server == "https://[fd00::1]:443")
    #expect(configuration.namespace == "team")
    let tokens = TokenSource(token: nil, file: configuration.tokenFile)
    let start = ContinuousClock.now
    #expect(try tokens.current(now: start)?.revealed == "token")
    try Data("fresh".utf8).write(to: folder.appendingPathComponent("token"))
    #expect(try tokens.current(now: start + .seconds(59))?.revealed == "token")
    #expect(try tokens.current(now: start + .seconds(61))?.revealed == "fresh")
  }

  @Test func saysWhatToDoWithoutAnyConfiguration() throws {
    let loader = ConfigurationLoader(environment: [:], homeDirectory: "/nowhere")
    let error = try #require(throws: ConfigurationError.self) { try loader.load(kubeconfig: nil, context: nil) }
    #expect(error.remedy.contains("KUBECONFIG"))
  }
}
