/// The bounds of lists, texts and numbers in the resources. The schemas in `manifests/crds` have the same ones, and a test
/// compares them; here they hold for manifests that no API server has seen.
package enum ResourceBounds {
  package static let workflowNameLength = 52
  /// Of the names of buckets, functions and triggers.
  package static let nameLength = 63
  /// Of a key in `byName` and `bySet`.
  package static let keyLength = 253

  package static let functions = 256
  package static let outputs = 256
  package static let calls = 256
  package static let triggers = 64
  package static let keys = 1024
  package static let announcers = 256
  package static let sources = 256

  package static let executors = 1...256
  package static let invocations = 1...100_000_000
  package static let restarts = 0...100
  package static let retries = 0...100
  package static let recoveries = 1...100
  /// Of `byBatchSize` and `redundant`: what the `int32` of the schemas holds.
  package static let count = 1...Int(Int32.max)
  package static let shortestWindow = Duration.milliseconds(1)
}
