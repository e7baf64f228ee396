import PheromoneFunctions

/// The functions of all examples but the word count, a file for each manifest in `manifests/examples`.
@main
struct Patterns: FunctionHost {
  var functions: [Function] {
    Self.sequence
    Self.choice
    Self.fanIn
    Self.map
    Self.kOfN
    Self.batch
    Self.sessionBatch
    Self.window
    Self.shuffle
    Self.call
    Self.stream
    Self.recovery
  }
}
