import SharedMemory

/// Measures rings between two processes on two processors, and with `stress` checks them instead.
///
/// usage: ring-benchmark [-o json [--rounds N]] | ring-benchmark stress [FRAMES [SEED]]
@main enum RingBenchmark {
  static func main() throws {
    if let link = try Link.ofChild() {
      try Peer.run(link)
      return
    }
    let arguments = CommandLine.arguments.dropFirst()
    switch Array(arguments) {
    case []: print(try Measurement.all().table)
    case ["-o", "json"]: print(try Measurement.all().json)
    case let words where words.starts(with: ["-o", "json", "--rounds"]) && words.count == 4:
      guard let rounds = Int(words[3]), rounds > 0 else {
        throw SystemError("read the arguments", reason: "--rounds wants a number above zero")
      }
      print(try Measurement.all(rounds: rounds).json)
    case let words where words.first == "stress" && words.count <= 3:
      let frames = words.count > 1 ? Int(words[1]) : 100_000
      let seed = words.count > 2 ? UInt64(words[2]) : 1
      guard let frames, let seed else { throw SystemError("read the arguments", reason: "they are no numbers") }
      try Stress.run(frames: frames, seed: seed)
    default:
      throw SystemError(
        "read the arguments",
        reason: "usage: ring-benchmark [-o json [--rounds N]] | ring-benchmark stress [FRAMES [SEED]]")
    }
  }
}
