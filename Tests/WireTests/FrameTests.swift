import Dataflow
import Testing
import Wire

@Suite("Frames")
struct FrameTests {
  @Test("A frame of every kind comes back as it went")
  func roundTrip() throws {
    try checkRoundTrip(FrameSamples.worker)
    try checkRoundTrip(FrameSamples.sidecar)
    try checkRoundTrip(FrameSamples.pod)
    try checkRoundTrip(FrameSamples.coordinator)
  }

  @Test("The samples hold every kind")
  func samplesAreComplete() {
    #expect(Set(FrameSamples.worker.map { $0.encoded()[4] }) == Set(1...6))
    #expect(Set(FrameSamples.sidecar.map { $0.encoded()[4] }) == Set(65...76))
    #expect(Set(FrameSamples.pod.map { $0.encoded()[4] }) == Set(1...12))
    #expect(Set(FrameSamples.coordinator.map { $0.encoded()[4] }) == Set(65...77))
  }

  @Test("A frame that ends early is an error at every byte, or another frame where a release before ended it")
  func truncation() {
    checkTruncation(FrameSamples.worker) { frame in
      switch frame {
      case .needSegment: 1
      case .hello: 2
      case .finished(let finished): finished.transaction == nil ? 0 : 2
      case .segmentMapped, .published, .workerEnded: 0
      }
    }
    checkTruncation(FrameSamples.sidecar) { frame in
      switch frame {
      case .invoke, .recycle: 2
      case .welcome, .grant, .denied: 1
      default: 0
      }
    }
    checkTruncation(FrameSamples.pod) { _ in 0 }
    checkTruncation(FrameSamples.coordinator) { if case .start = $0 { 1 } else { 0 } }
  }

  @Test("A changed byte gives another frame or an error, never a crash")
  func corruption() {
    checkCorruption(FrameSamples.worker)
    checkCorruption(FrameSamples.sidecar)
    checkCorruption(FrameSamples.pod)
    checkCorruption(FrameSamples.coordinator)
  }

  @Test("Fields that a later release has added are passed over")
  func laterFields() throws {
    try checkSurplus(FrameSamples.worker)
    try checkSurplus(FrameSamples.sidecar)
    try checkSurplus(FrameSamples.pod)
    try checkSurplus(FrameSamples.coordinator)
  }

  @Test("Frames of a release before lack the added fields, which then say their default")
  func earlierFrames() throws {
    let output = Transaction.Output(name: "", location: FrameSamples.location)
    // Without whether the worker goes on, and without calls.
    for count in [1, 5] {
      try checkWithout(
        count, WorkerFrame.finished(.init(invocation: 5, result: .committed(Transaction(outputs: [output])))))
    }
    for count in [4, 8] {
      try checkWithout(count, WorkerFrame.hello(.init(role: .worker, container: "c", slot: 0, functions: ["f"])))
    }
    try checkWithout(8, WorkerFrame.needSegment(bytes: 5))
    try checkWithout(8, SidecarFrame.grant(segment: 1, size: 2))
    try checkWithout(8, SidecarFrame.denied(reason: "r"))
    // Without the free ranges, and without who has asked.
    for count in [4, 12] { try checkWithout(count, SidecarFrame.recycle(segment: 1)) }
    try checkWithout(4, SidecarFrame.welcome(.init(epoch: 1, executor: 1)))
    // Without the table of continuations, and without whether it publishes immediately.
    for count in [4, 5] {
      try checkWithout(
        count,
        SidecarFrame.invoke(.init(invocation: 9, attempt: 1, function: "f", session: "s", firing: "f", inputs: [])))
    }
    try checkWithout(
      1,
      CoordinatorFrame.start(
        .init(session: "s", origin: .invoke(function: "f"), payload: [], requestHash: "", timeout: 1)))
  }

  @Test("Every feature has its bit, and an unknown one is kept")
  func features() throws {
    let all: [Features] = [.calls, .recordings, .deadLetters, .receipts, .rings, .continuations, .freeRanges]
    #expect(all.map(\.rawValue) == [1, 2, 4, 8, 16, 32, 64])
    #expect(Features.current.rawValue == 255)
    let later = WorkerFrame.hello(
      .init(features: Features(rawValue: .max), role: .worker, container: "", slot: 0, functions: []))
    guard case .hello(let hello) = try WorkerFrame(decoding: Array(later.encoded().dropFirst(4))) else {
      Issue.record("no hello")
      return
    }
    #expect(hello.features.isSuperset(of: .current) && hello.features.rawValue == .max)
  }

  @Test("A kind of the other direction is an error")
  func direction() {
    #expect(throws: WireError("66 is no kind of frame from a worker")) {
      try WorkerFrame(decoding: Array(SidecarFrame.refused(reason: "").encoded().dropFirst(4)))
    }
    #expect(throws: WireError("1 is no kind of frame from a coordinator")) { try CoordinatorFrame(decoding: [1]) }
  }

  @Test("A count or length that the frame cannot hold reserves no memory for it")
  func hugeCounts() {
    // finished, invocation 0, committed, and then four thousand million puts.
    let puts: [UInt8] = [4] + [UInt8](repeating: 0, count: 8) + [1, 255, 255, 255, 255]
    #expect(throws: WireError.self) { try WorkerFrame(decoding: puts) }
    #expect(throws: WireError.self) { try CoordinatorFrame(decoding: [66, 255, 255, 255, 255, 65]) }
  }

  @Test(
    "A free range has a beginning before its end", arguments: [(5, 5), (6, 5), (UInt64.max, 0)] as [(UInt64, UInt64)])
  func badRange(start: UInt64, end: UInt64) {
    var body = Array(SidecarFrame.recycle(segment: 1, free: [1..<2]).encoded().dropFirst(4).dropLast(16))
    for value in [start, end] { for shift in 0..<8 { body.append(UInt8(truncatingIfNeeded: value >> (8 * shift))) } }
    #expect(throws: WireError("a range from \(start) to \(end)")) { try SidecarFrame(decoding: body) }
  }

  @Test("A string that is not UTF-8 is an error")
  func badText() {
    #expect(throws: WireError("a string is not UTF-8")) {
      try CoordinatorFrame(decoding: [66, 2, 0, 0, 0, 0xC3, 0x28])
    }
  }

  @Test("Integers are little-endian, and a flag is 0 or 1")
  func integers() throws {
    var writer = ByteWriter()
    writer.write(UInt16(0x0102))
    writer.write(Int64(-2))
    writer.write(true)
    #expect(writer.bytes == [2, 1, 0xFE] + [UInt8](repeating: 0xFF, count: 7) + [1])
    var reader = ByteReader(writer.bytes)
    #expect(try reader.integer(UInt16.self) == 0x0102)
    #expect(try reader.integer(Int64.self) == -2)
    #expect(try reader.flag())
    var other = ByteReader([2])
    #expect(throws: WireError("2 is no flag")) { try other.flag() }
  }

  @Test("One version back and one ahead are understood", arguments: [(0, false), (1, true), (2, true), (3, false)])
  func versions(version: UInt16, isSupported: Bool) {
    #expect(ProtocolVersion.supports(version) == isSupported)
  }

  private func checkRoundTrip<Sample: Frame & Equatable>(_ samples: [Sample]) throws {
    for sample in samples {
      let bytes = sample.encoded()
      #expect(bytes.prefix(4).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) } == bytes.count - 4)
      #expect(try Sample(decoding: Array(bytes.dropFirst(4))) == sample)
    }
  }

  private func checkTruncation<Sample: Frame>(_ samples: [Sample], additions: (Sample) -> Int) {
    for sample in samples {
      let body = Array(sample.encoded().dropFirst(4))
      let earlier = body.indices.filter { (try? Sample(decoding: Array(body.prefix($0)))) != nil }
      #expect(earlier.count == additions(sample), "\(sample) cut to \(earlier) bytes")
    }
  }

  private func checkSurplus<Sample: Frame & Equatable>(_ samples: [Sample]) throws {
    for sample in samples {
      #expect(try Sample(decoding: sample.encoded().dropFirst(4) + [1, 0, 255]) == sample)
    }
  }

  /// The frame says only defaults in what was added in its last bytes.
  private func checkWithout<Sample: Frame & Equatable>(_ count: Int, _ sample: Sample) throws {
    #expect(try Sample(decoding: Array(sample.encoded().dropFirst(4).dropLast(count))) == sample)
  }

  private func checkCorruption<Sample: Frame & Equatable>(_ samples: [Sample]) {
    for sample in samples {
      let body = Array(sample.encoded().dropFirst(4))
      for position in body.indices {
        for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] where value != body[position] {
          var changed = body
          changed[position] = value
          guard let frame = try? Sample(decoding: changed) else { continue }
          #expect(frame != sample, "byte \(position) of \(sample) means nothing")
        }
      }
    }
  }
}
