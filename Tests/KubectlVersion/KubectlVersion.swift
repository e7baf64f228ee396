/// Which kubectl it is. Debian 12 has 1.20, and whoever has no other one gets that: what it does not know is run only
/// where it is known, and shows as skipped elsewhere.
package struct KubectlVersion: Sendable, Hashable {
  package let minor: Int

  /// Something that tests use, by the minor version that was the first to have it.
  package enum Feature: Int, Sendable, CaseIterable {
    /// `kubectl wait --for=jsonpath=…`
    case waitForFields = 23
    /// `kubectl … --validate=strict`, which asks the server.
    case strictValidation = 25
    /// `kubectl events`
    case events = 26
    /// `kubectl explain` reads OpenAPI v3, the only one that the local API server has.
    case explainVersion3 = 27
  }

  /// - Parameter text: what `kubectl version --client` says, in the long form of old versions or the short one of new.
  package init?(_ text: String) {
    guard let match = text.firstMatch(of: #/v1\.(\d+)\./#), let minor = Int(match.1) else { return nil }
    self.minor = minor
  }

  package func knows(_ feature: Feature) -> Bool { minor >= feature.rawValue }
}
