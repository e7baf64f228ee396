import Foundation

/// A namespace for one test, which is gone afterwards.
struct TestNamespace {
  let name: String
  let kubectl: Kubectl

  /// Makes a namespace, runs the test in it, and deletes it with all that is in it, whatever came of the test.
  static func with<Result>(
    _ purpose: String, _ test: (TestNamespace) async throws -> Result
  ) async throws -> Result {
    let name = "e2e-\(purpose)-" + UUID().uuidString.prefix(6).lowercased()
    try await Kubectl()("create", "namespace", name)
    let namespace = TestNamespace(name: name, kubectl: Kubectl(namespace: name))
    do {
      let result = try await test(namespace)
      try await namespace.delete()
      return result
    } catch {
      // The failure of the test is the one to report, with what the namespace looked like.
      let state = try? await namespace.kubectl.outcome("get", "workflows,buckets,pods,events", "--output", "wide")
      print("namespace \(name) after a failure:\n\(state?.output ?? "")")
      try? await namespace.delete()
      throw error
    }
  }

  private func delete() async throws {
    try await Kubectl()("delete", "namespace", name, "--timeout=90s", seconds: 100)
  }

  /// Applies the word-count example and waits until it is ready.
  func deployWordCount() async throws {
    try await kubectl("apply", "-f", TestEnvironment.wordCountManifest)
    try await kubectl.wait("workflow/wordcount", for: "condition=Ready")
  }

  /// Applies a manifest and waits until its workflow is ready.
  func deploy(_ manifest: WorkflowManifest) async throws {
    try await kubectl.apply(manifest.text)
    try await kubectl.wait("workflow/\(manifest.name)", for: "condition=Ready")
  }
}
