import Testing

/// Everything that runs against a cluster, one test at a time: the tests share a node, its cores and, on the local
/// cluster, processes that some of them kill.
@Suite(
  .serialized,
  .enabled(if: TestEnvironment.isEnabled, "runs only by hack/e2e, which provides a cluster"),
  .timeLimit(.minutes(5)))
enum EndToEnd {}
