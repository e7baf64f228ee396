import FakeAPIServer
import Logging
import Testing

@testable import KubernetesClient

@Suite(.timeLimit(.minutes(1))) struct ProxyTests {
  private func client(of server: String, through proxy: String) -> KubernetesClient {
    var configuration = ClientConfiguration(server: server)
    configuration.proxyURL = proxy
    return KubernetesClient(configuration, userAgent: "test", logger: Logger(label: "test"))
  }

  @Test func aPlainRequestNamesItsServerToTheProxy() async throws {
    try await FakeAPIServer.run { request, responder in
      #expect(request.method == "GET")
      #expect(request.path == "http://api.invalid:8001/base/version")
      #expect(request.headers["host"] == "api.invalid:8001")
      #expect(request.headers["proxy-authorization"] == "Basic dXNlcjpwYXNz")
      try await responder.answer(203, "{}")
    } body: { proxy in
      let client = client(of: "http://api.invalid:8001/base", through: "http://user:pass@127.0.0.1:\(proxy.port)")
      let status = try await client.send(HTTPRequest(path: "/version")).status
      #expect(status == 203)
    }
  }

  /// A proxy that is named is asked even for loopback, and no answer of its own is taken for the server's.
  @Test func aProxyThatRefusesATunnelIsBlamed() async throws {
    try await FakeAPIServer.run { request, responder in
      #expect(request.method == "CONNECT")
      #expect(request.path == "127.0.0.1:1")
      try await responder.answer(407, "")
    } body: { proxy in
      let client = client(of: "https://127.0.0.1:1", through: proxy.url)
      let error = try await #require(throws: KubernetesError.self) {
        try await client.send(HTTPRequest(path: "/version"))
      }
      #expect(error.isUnreachable)
      #expect(error.description.contains("the proxy refused"))
      #expect(error.description.contains("`proxy-url`"))
    }
  }

  @Test func aSOCKSProxyLooksUpNamesAndLoopbackNeedsNone() {
    var configuration = ClientConfiguration(server: "https://api.example")
    #expect(specification(configuration).security.proxy == nil)
    configuration.proxyURL = "socks5://user@127.0.0.1:1080"
    #expect(specification(configuration).security.proxy == "socks5h://user@127.0.0.1:1080")
    #expect(specification(ClientConfiguration(server: "https://[::1]:1")).security.proxy == "")
  }

  @Test func theNameOnTheCertificateTakesThePlaceOfTheHost() {
    var configuration = ClientConfiguration(server: "https://[fd00::1]:6443/base")
    configuration.tlsServerName = "kubernetes"
    let renamed = specification(configuration)
    #expect(renamed.url == "https://kubernetes:6443/base/version")
    #expect(renamed.security.connectTo == "::[fd00::1]:6443")
    #expect(renamed.headerLines.contains("Host: [fd00::1]:6443"))
    configuration.server = "http://[fd00::1]:6443"
    #expect(specification(configuration).url == "http://[fd00::1]:6443/version")
  }

  private func specification(_ configuration: ClientConfiguration) -> TransferSpecification {
    SpecificationBuilder(configuration, userAgent: "test").build(HTTPRequest(path: "/version"), token: nil)
  }
}
