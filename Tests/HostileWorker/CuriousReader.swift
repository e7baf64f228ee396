import SharedMemory
import Wire

/// A worker that tries to change each input that it is given, and prints what came of it.
enum CuriousReader {
  static func run(socket: String) throws {
    OwnProcess.printByLine()
    var conversation = Conversation(try UnixSocket.connect(path: socket))
    try conversation.greet(functions: ["curious"], usesRings: false)
    try conversation.awaitWelcome()
    while true {
      let invoke = try conversation.nextInvocation()
      for input in invoke.inputs {
        guard let (file, size) = conversation.attached[input.location.segment] else {
          throw WireError("an input came without its segment")
        }
        let tampering = try Tampering(file, size: size, at: Int(input.location.offset))
        for (way, hasSucceeded) in tampering.attempts() { print("\(way): \(hasSucceeded ? "succeeded" : "refused")") }
        print("bytes: \(tampering.hasChanged ? "changed" : "unchanged")")
      }
      try conversation.send(.finished(.init(invocation: invoke.invocation, result: .committed(Transaction()))))
    }
  }
}
