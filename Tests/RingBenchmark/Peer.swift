import SharedMemory

/// The other process: answers each frame as its first byte says, until a frame says that it is over.
enum Peer {
  /// First bytes other than a `Way`: swallow the frame, end.
  static let swallow: UInt8 = 100
  static let end: UInt8 = 101

  static func run(_ connected: consuming Link) throws {
    var link = connected
    var way = Way.adaptive
    var generator = Generator(seed: 7)
    var answers: [[UInt8]] = []
    while true {
      try link.wait(way)
      var isOver = false
      answers.removeAll(keepingCapacity: true)
      _ = try link.ends.reader.read { frame in
        let first = frame.isEmpty ? 0 : frame[0]
        if first == Self.swallow { return }
        let bytes = Self.copy(frame)
        if first == Self.end { isOver = true }
        if let other = Way(rawValue: first), frame.count == Measurement.frame { way = other }
        // The stress test's frames are longer and change the way at random.
        if frame.count != Measurement.frame { way = Stress.way(&generator) }
        answers.append(bytes)
      }
      for answer in answers { try link.send(answer.span, publishing: false) }
      link.ends.writer.publish()
      if isOver { return }
    }
  }

  static func copy(_ frame: Span<UInt8>) -> [UInt8] {
    // The buffer is copied at once.
    unsafe frame.withUnsafeBufferPointer { unsafe Array($0) }
  }
}
