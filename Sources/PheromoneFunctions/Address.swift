import Dataflow

/// Where an object goes that a handler makes, and what it is called there.
struct Address: Sendable, Hashable {
  enum Destination: Sendable, Hashable {
    case bucket(String)
    /// Straight to a function.
    case function(String)
    /// The session's answer.
    case output
  }

  var destination: Destination
  /// The object's key, or the output's name.
  var key: Label
  /// Nobody has given the key: the attempt has made it.
  var isMade = false

  /// How many bytes its names take.
  var size: Int {
    switch destination {
    case .bucket(let name), .function(let name): name.utf8.count + key.byteCount
    case .output: key.byteCount
    }
  }

  /// How messages show it.
  var description: String {
    switch destination {
    case .bucket(let bucket): "puts \"\(key)\" into \(bucket)"
    case .function(let function): "calls \(function) with \"\(key)\""
    case .output: key.isEmpty ? "gives its default output" : "gives output \"\(key)\""
    }
  }
}
