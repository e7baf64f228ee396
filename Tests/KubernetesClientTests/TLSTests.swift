import KubernetesClient
import Logging
import Testing

/// Against `openssl s_server` on loopback, which knows two names and asks for a client certificate.
@Suite(.timeLimit(.minutes(1)), .enabled(if: OpenSSL.isPresent, "there is no /usr/bin/openssl"))
struct TLSTests {
  /// The certificate of `kubernetes` is shown only to who asks for that name.
  private static let certificates =
    "-cert other.pem -key other.key -servername kubernetes -cert2 kubernetes.pem -key2 kubernetes.key -CAfile user.pem"

  /// The body gets a configuration that trusts the server and has no client certificate.
  private func withServer(
    _ arguments: String,
    _ body: (OpenSSL, ClientConfiguration, AsyncStream<String>) async throws -> Void
  ) async throws {
    try await OpenSSL.run { openssl in
      for name in ["kubernetes", "other", "user"] { try await openssl.makeCertificate(name) }
      try await openssl.serve("\(Self.certificates) \(arguments)") { url, output in
        var configuration = ClientConfiguration(server: url)
        configuration.caFile = openssl.path("kubernetes.pem")
        configuration.tlsServerName = "kubernetes"
        try await body(openssl, configuration, output)
      }
    }
  }

  private func client(_ configuration: ClientConfiguration) -> KubernetesClient {
    KubernetesClient(configuration, userAgent: "test", logger: Logger(label: "test"))
  }

  /// The server's page about the connection, which shows the client's certificate.
  private func page(_ configuration: ClientConfiguration) async throws -> String {
    let response = try await client(configuration).send(HTTPRequest(path: "/"))
    #expect(response.status == 200)
    return String(decoding: response.body, as: UTF8.self)
  }

  private func refusal(_ configuration: ClientConfiguration) async throws -> KubernetesError {
    var error: KubernetesError?
    do { _ = try await page(configuration) } catch let caught as KubernetesError { error = caught }
    return try #require(error, "the connection was made")
  }

  @Test func certificatesAreFilesOrData() async throws {
    try await withServer("-www -verify 1") { openssl, configuration, _ in
      #expect(try await page(configuration).contains("no client certificate available"))

      var files = configuration
      files.clientCertificateFile = openssl.path("user.pem")
      files.clientKeyFile = openssl.path("user.key")
      #expect(try await page(files).contains(/CN ?= ?user/))

      var data = configuration
      data.caFile = nil
      data.caData = try openssl.text("kubernetes.pem")
      data.clientCertificateData = try openssl.text("user.pem")
      data.clientKeyData = Secret(try openssl.text("user.key"))
      #expect(try await page(data).contains(/CN ?= ?user/))
    }
  }

  @Test func onlyTheRightAuthorityAndNameAreTrusted() async throws {
    try await withServer("-www") { openssl, configuration, _ in
      var unknown = configuration
      unknown.caFile = nil
      #expect(try await refusal(unknown).isCertificateProblem)
      unknown.caFile = openssl.path("other.pem")
      #expect(try await refusal(unknown).isCertificateProblem)

      var unnamed = configuration
      unnamed.caData = try openssl.text("other.pem")
      unnamed.tlsServerName = nil
      let error = try await refusal(unnamed)
      #expect(error.isCertificateProblem)
      #expect(error.description.contains("127.0.0.1"))
      #expect(error.description.contains("kubeconfig"))
      unnamed.tlsServerName = "other"
      _ = try await page(unnamed)

      var careless = ClientConfiguration(server: configuration.server)
      careless.insecureSkipTLSVerify = true
      _ = try await page(careless)
    }
  }

  @Test func aMissingClientCertificateAndAMissingFileAreCertificateProblems() async throws {
    try await withServer("-www -Verify 1 -verify_return_error") { openssl, configuration, _ in
      #expect(try await refusal(configuration).isCertificateProblem)

      var absent = configuration
      absent.clientCertificateFile = openssl.path("absent.pem")
      absent.clientKeyFile = openssl.path("user.key")
      let error = try await refusal(absent)
      #expect(error.isCertificateProblem)
      #expect(error.description.contains("absent.pem"))
    }
  }

  /// The server speaks no HTTP/2 itself: it prints what the client says, and answers nothing.
  @Test func speaksHTTP2WhereTheServerOffersIt() async throws {
    try await withServer("-alpn h2,http/1.1") { openssl, configuration, output in
      let client = client(atTheFirstName(configuration, openssl))
      try await withThrowingTaskGroup(of: Void.self) { group in
        var request = HTTPRequest(path: "/")
        request.limits.overall = .seconds(5)
        group.addTask { [request] in _ = try await client.send(request) }
        group.addTask { _ = try await output.text(until: /PRI \* HTTP\/2\.0/) }
        try await group.next()
        group.cancelAll()
      }
    }
    try await withServer("-www -alpn http/1.1") { openssl, configuration, _ in
      _ = try await page(atTheFirstName(configuration, openssl))
    }
  }

  /// `s_server` negotiates protocols only with who asks for its first name.
  private func atTheFirstName(_ configuration: ClientConfiguration, _ openssl: OpenSSL) -> ClientConfiguration {
    var configuration = configuration
    configuration.caFile = openssl.path("other.pem")
    configuration.tlsServerName = "other"
    return configuration
  }
}
