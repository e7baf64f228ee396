import Foundation
import KubectlVersion
import KubernetesAPI
import Testing

extension EndToEnd {
  /// Good and bad manifests, with what a Kubernetes API server said to each (Fixtures/Contract/expected.txt).
  ///
  /// The local API server does not evaluate CEL rules; there the same fault has to be found by `pheromone lint`, which
  /// makes the controller's checks.
  @Suite struct ContractTests {
    struct Recorded: Sendable, CustomTestStringConvertible {
      var file: URL
      var answer: String

      var testDescription: String { file.deletingPathExtension().lastPathComponent }
      var isAccepted: Bool { answer == "accepted" }

      /// The fields that the recorded answer names.
      var fields: [String] {
        answer.matches(of: #/(?:^|[ "])\.?(spec(?:\.[A-Za-z]+(?:\[\d+\])?)*)(?=[: ")])/#).map { String($0.output.1) }
      }
    }

    static func recorded() throws -> [Recorded] {
      let folder = TestEnvironment.repository.appending(path: "Tests/EndToEndTests/Fixtures/Contract")
      let text = try String(contentsOf: folder.appending(path: "expected.txt"), encoding: .utf8)
      return text.split(separator: "\n").compactMap { line in
        let fields = line.split(separator: "\t", maxSplits: 1).map(String.init)
        return fields.count == 2 ? Recorded(file: folder.appending(path: fields[0]), answer: fields[1]) : nil
      }
    }

    @Test(
      .enabled("kubectl before 1.25 cannot ask for strict validation on the server") {
        try await Kubectl.knows(.strictValidation)
      })
    func `manifests are accepted and refused as a real API server does`() async throws {
      let recorded = try Self.recorded()
      #expect(recorded.count == 31)
      let isLocal = try await Kubectl.isClusterLocal()
      try await TestNamespace.with("contract") { namespace in
        for manifest in recorded {
          let outcome = try await namespace.kubectl.outcome(
            "create", "--dry-run=server", "--validate=strict", "--filename", manifest.file.path)
          if manifest.isAccepted {
            #expect(outcome.succeeded, "\(manifest.testDescription): \(outcome)")
            continue
          }
          var message = outcome.errors
          if outcome.succeeded {
            #expect(isLocal, "\(manifest.testDescription) was accepted by the API server")
            let lint = try await PheromoneCLI()
              .outcome("lint", "-f", manifest.file.path)
            #expect(!lint.succeeded, "nobody objects to \(manifest.testDescription)")
            message = lint.output + lint.errors
          }
          let fields = manifest.fields
          #expect(
            fields.isEmpty || fields.contains { message.contains($0) },
            "\(manifest.testDescription) should name one of \(fields): \(message)")
        }
      }
    }
  }
}
