import Glibc
import SharedMemory
import Wire

/// A worker that speaks the protocol by hand, and kills itself at one step of it.
struct KilledWorker: ~Copyable {
  /// What it outputs, whatever it was given.
  static let output: [UInt8] = [1, 2, 3]

  let point: KillPoint
  /// In which of its invocations, from 0.
  let round: Int
  private var conversation: Conversation
  private var memory: [UInt32: MemorySegment] = [:]

  init(_ socket: UnixSocket, point: KillPoint, round: Int) {
    self.point = point
    self.round = round
    conversation = Conversation(socket)
  }

  mutating func run(usesRings: Bool) throws {
    reach(.connected)
    try conversation.greet(functions: ["shared"], usesRings: usesRings, isCut: point == .greeting)
    reach(.greeting)
    reach(.greeted)
    try conversation.awaitWelcome()
    reach(.welcomed)
    for current in 0... { try serve(current) }
  }

  private mutating func serve(_ current: Int) throws {
    let invocation = try conversation.nextInvocation().invocation
    reach(.invoked, in: current)
    try conversation.send(.needSegment(bytes: UInt64(Self.output.count), invocation: invocation))
    reach(.asked, in: current)
    let segment = try takeMemory(current)
    try memory[segment]?.write(Self.output, at: 0)
    reach(.written, in: current)
    let location = ObjectLocation(segment: segment, offset: 0, length: UInt64(Self.output.count))
    let report = WorkerFrame.finished(
      .init(invocation: invocation, result: .committed(Transaction(outputs: [.init(name: "", location: location)]))))
    if isThere(.reporting, current) { try conversation.sendPart(of: report) }
    reach(.reporting, in: current)
    if isThere(.staged, current) { try conversation.stage(report) }
    reach(.staged, in: current)
    try conversation.send(report)
    reach(.reported, in: current)
  }

  private mutating func takeMemory(_ current: Int) throws -> UInt32 {
    switch try conversation.nextFrame() {
    case .grant(let id, let size, _):
      reach(.granted, in: current)
      memory[id] = try MemorySegment.adopt(conversation.takeDescriptor(), size: Int(size), access: .writing)
      reach(.mapped, in: current)
      try conversation.send(.segmentMapped(segment: id))
      reach(.announced, in: current)
      return id
    case .recycle(let id, _, _):
      reach(.granted, in: current)
      return id
    default: throw WireError("no memory came")
    }
  }

  private func isThere(_ point: KillPoint, _ current: Int) -> Bool { self.point == point && current == round }

  private func reach(_ point: KillPoint, in current: Int? = nil) {
    if isThere(point, current ?? round) { Self.die() }
  }

  private static func die() -> Never {
    OwnProcess.kill(OwnProcess.identifier)
    // The signal has ended the process before the call returned.
    exit(1)
  }
}
