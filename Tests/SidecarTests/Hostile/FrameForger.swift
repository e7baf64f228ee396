import Dataflow
import Wire

/// Makes frames of workers that are right, nearly right, and not at all.
struct FrameForger {
  var random: SeededGenerator
  /// What a forgery may refer to.
  var invocations: [UInt64] = []
  var segments: [(id: UInt32, size: Int)] = []
  /// How often memory was asked for: each time may be granted, and takes time to make.
  private(set) var asked = 0

  private static let askLimit = 6

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// The body of a frame, mostly one that can be decoded.
  mutating func body() -> [UInt8] {
    var body = frame().body()
    switch Int.random(in: 0..<8, using: &random) {
    case 0: body = (0..<Int.random(in: 1...200, using: &random)).map { _ in byte() }
    case 1: body[Int.random(in: 0..<body.count, using: &random)] = byte()
    case 2: body.removeLast(Int.random(in: 0..<body.count, using: &random))
    case 3: body += (0..<Int.random(in: 1...40, using: &random)).map { _ in byte() }
    case 4:
      // A length, perhaps.
      let place = Int.random(in: 0..<body.count, using: &random)
      for index in place..<min(place + 4, body.count) { body[index] = 255 }
    default: break
    }
    return body.isEmpty ? [byte()] : body
  }

  mutating func frame() -> WorkerFrame {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: .hello(hello())
    case 1, 2: ask()
    case 3: .segmentMapped(segment: segment().id)
    case 4, 5: .published(.init(invocation: invocation(), put: put()))
    case 6:
      .finished(.init(invocation: invocation(), result: .failed(message: text(), isRetryable: random.next() & 1 == 0)))
    default:
      .finished(
        .init(invocation: invocation(), result: .committed(transaction()), continues: random.next() & 1 == 0))
    }
  }

  mutating func hello() -> WorkerFrame.Hello {
    WorkerFrame.Hello(
      version: random.once(in: 6) ? UInt16(truncatingIfNeeded: random.next()) : ProtocolVersion.current,
      features: .init(rawValue: UInt32(truncatingIfNeeded: random.next())),
      role: random.once(in: 5) ? .supervisor : .worker, container: random.once(in: 3) ? text() : "hostile",
      slot: UInt16(truncatingIfNeeded: random.next()),
      functions: random.once(in: 6) ? Array(repeating: text(), count: 300) : ["shared", "stream"],
      ringCapacity: random.once(in: 3) ? UInt32(truncatingIfNeeded: random.next()) : 0)
  }

  /// A request for memory, unless there were many.
  private mutating func ask() -> WorkerFrame {
    let never: [UInt64] = [1 << 40, .max, UInt64(Int.max), UInt64(Int.max) - 4095]
    asked += 1
    let sizes: [UInt64] = asked > Self.askLimit ? never : [0, 1, 100, 1 << 20, 4 << 20, 7 << 20] + never
    return .needSegment(bytes: random.pick(sizes), invocation: invocation())
  }

  private mutating func transaction() -> Transaction {
    Transaction(
      puts: some { $0.put() },
      announcements: some { .init(bucket: $0.bucket(), keys: [$0.text(), "key"]) },
      outputs: some { .init(name: $0.once(4) ? $0.text() : "", location: $0.location()) },
      calls: some {
        .init(function: $0.pick("shared", "missing", $0.text()), key: Label($0.text()), location: $0.location())
      })
  }

  private mutating func put() -> Transaction.Put {
    .init(bucket: bucket(), key: Label(text()), group: once(3) ? text() : nil, location: location())
  }

  private mutating func some<Element>(_ one: (inout FrameForger) -> Element) -> [Element] {
    guard once(3) else { return [] }
    return (0..<Int.random(in: 1...4, using: &random)).map { _ in one(&self) }
  }

  /// A place that may be right, at an edge, or nowhere.
  mutating func location() -> ObjectLocation {
    let (id, size) = segment()
    let edge = UInt64(size)
    let numbers: [UInt64] = [0, 1, 64, 4096, edge - 1, edge, edge + 1, 1 << 31, 1 << 63, .max, UInt64(Int.max)]
    return ObjectLocation(segment: id, offset: random.pick(numbers), length: random.pick(numbers))
  }

  private mutating func segment() -> (id: UInt32, size: Int) {
    if let known = segments.randomElement(using: &random), !once(4) { return known }
    return (once(3) ? UInt32(truncatingIfNeeded: random.next()) : UInt32.random(in: 0...6, using: &random), 4 << 20)
  }

  private mutating func invocation() -> UInt64 {
    if let known = invocations.randomElement(using: &random), !once(5) { return known }
    return once(2) ? random.next() : UInt64.random(in: 0...20, using: &random)
  }

  private mutating func bucket() -> String { pick("drops", "leaves", text()) }

  private mutating func text() -> String {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: ""
    case 1: String(repeating: "x", count: Int.random(in: 1...5000, using: &random))
    case 2: "a\u{0}b\n"
    default: "t\(Int.random(in: 0..<8, using: &random))"
    }
  }

  private mutating func pick(_ first: String, _ second: String, _ third: String) -> String {
    random.pick([first, second, third])
  }

  private mutating func once(_ times: Int) -> Bool { random.once(in: times) }
  private mutating func byte() -> UInt8 { UInt8(truncatingIfNeeded: random.next()) }
}
