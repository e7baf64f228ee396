import SharedMemory

/// Two processes echo frames of any size while both choose at random how they sleep. A lost wake-up hangs it, anything
/// else that is lost, doubled or changed ends it with an error.
enum Stress {
  static func way(_ generator: inout some RandomNumberGenerator) -> Way {
    switch UInt8.random(in: 0..<8, using: &generator) {
    case 0: .adaptive
    case 1...4: .futex
    default: .eventfd
    }
  }

  static func run(frames: Int, seed: UInt64) throws {
    var link = try Link.toChild()
    var generator = Generator(seed: seed)
    var content = Generator(seed: seed)
    var expected = content
    var sent = 0
    var received = 0
    var wrong: String?
    while received < frames {
      // Never more under way than both rings hold, or the two wait for each other's room.
      let batch = min(Int.random(in: 1...24, using: &generator), frames - sent)
      for _ in 0..<batch { try link.send(Self.frame(&content).span, publishing: .random(using: &generator)) }
      sent += batch
      link.ends.writer.publish()
      while received < sent {
        try link.wait(Self.way(&generator))
        received += try link.ends.reader.read { frame in
          if Peer.copy(frame) != Self.frame(&expected) { wrong = "a frame of \(frame.count) bytes came back changed" }
        }
        if let wrong { throw SystemError("echo frames with seed \(seed)", reason: wrong) }
      }
    }
    try link.send([Peer.end].span)
    try link.wait(.futex)
    print("\(received) frames came back, \(link.ends.writer.wakeups) wake-ups")
  }

  /// 0 to 2000 bytes; none begins like a frame that means something to the peer.
  private static func frame(_ generator: inout Generator) -> [UInt8] {
    let length = Int.random(in: 0...2000, using: &generator)
    let word = generator.next()
    guard length > 0, length != Measurement.frame else { return [] }
    return [0] + (1..<max(length, 1)).map { UInt8(truncatingIfNeeded: word >> UInt64($0 % 8 * 8)) }
  }
}
