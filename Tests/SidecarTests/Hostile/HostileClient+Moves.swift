import CSharedMemory
import CTampering
import Dataflow
import Glibc
import Wire

@testable import SharedMemory

/// What a hostile client may do next.
extension HostileClient {
  enum Opening: CaseIterable {
    case rings, socket, silence, part, forgedHello, forgedDescriptor, manyDescriptors, noDescriptor, noHello, large
  }

  enum Move: CaseIterable {
    case listen, report, commit, map, forge, forgeBeside, publish, emptyFrame, part, nothing
    case words, bytes, scribble, ring, stray, seal, hole, resize, half
  }

  /// How the connection begins. Most begin well, or little of what can follow would be seen.
  func open() throws {
    let isWell = forger.random.once(in: 2)
    switch isWell ? forger.random.pick([Opening.rings, .rings, .socket]) : forger.random.pick(Opening.allCases) {
    case .rings: try greet(usesRings: true)
    case .socket: try greet(usesRings: false)
    case .silence: break
    case .part:
      let hello = WorkerFrame.hello(forger.hello()).encoded()
      sendToSocket(Array(hello.prefix(Int.random(in: 0..<hello.count, using: &forger.random))))
    case .forgedHello: sendToSocket(Self.frame(forger.body()))
    case .forgedDescriptor, .manyDescriptors, .noDescriptor:
      var hello = WorkerFrame.Hello(role: .worker, container: "hostile", slot: 0, functions: ["shared"])
      hello.ringCapacity = UInt32(RingTransport.workerCapacity)
      let kind = forger.random.pick(ForgedDescriptor.allCases)
      let files = forger.random.once(in: 6) ? [] : kind.make(RingTransport.workerCapacity)
      sendToSocket(WorkerFrame.hello(hello).encoded(), forged: files, copies: forger.random.pick([1, 2, 40, 250]))
    case .noHello: sendToSocket(forger.frame().encoded())
    case .large: sendToSocket([255, 255, 255, UInt8(truncatingIfNeeded: forger.random.next() >> 1)])
    }
  }

  func move() {
    listen()
    switch forger.random.pick(Move.allCases) {
    case .listen, .nothing: break
    case .report: report(Transaction())
    case .commit: commit()
    case .map: if let segment = forger.segments.last { send(.segmentMapped(segment: segment.id)) }
    case .forge: send(forger.body())
    case .forgeBeside: sendToSocket(Self.frame(forger.body()))
    case .publish:
      if let invocation = forger.invocations.last {
        send(
          .published(.init(invocation: invocation, put: .init(bucket: "drops", key: "k", location: forger.location()))))
      }
    case .emptyFrame: send([])
    case .part:
      let frame = forger.frame().encoded()
      sendToSocket(Array(frame.prefix(Int.random(in: 1...frame.count, using: &forger.random))))
    case .words: changeWords()
    case .bytes:
      let place = Int.random(in: 0..<RingTransport.workerCapacity / 8, using: &forger.random) * 8
      words?.storeWord(forger.random.next(), at: place)
    case .scribble: scribble(on: Array(memory.values))
    case .ring: for _ in 0..<100 { bell?.ring() }
    case .stray:
      let files = forger.random.pick(ForgedDescriptor.allCases).make(4096)
      sendToSocket(Self.frame(forger.body()), forged: files, copies: forger.random.pick([1, 17]))
    case .seal:
      let seals = [CSM_SEAL_SEAL, CSM_SEAL_FUTURE_WRITE, CSM_SEAL_GROW, 8]
      for segment in memory.values { _ = csm_add_seals(segment.descriptor, Int32(forger.random.pick(seals))) }
    case .hole:
      for segment in memory.values { _ = ct_punch_hole(segment.descriptor, Int64(segment.size)) }
    case .resize: for segment in memory.values { _ = ftruncate(segment.descriptor, forger.random.pick([0, 1 << 30])) }
    case .half: endSending()
    }
  }

  /// Ends the invocation that it was given last, with an object in memory that it has, which may be changed afterwards.
  private func commit() {
    guard let (id, segment) = memory.randomElement(using: &forger.random) else { return report(Transaction()) }
    let place = Int.random(in: 0..<32, using: &forger.random) * 64
    try? segment.write([7, 7, 7, 7], at: place)
    let location = ObjectLocation(segment: id, offset: UInt64(place), length: 4)
    report(
      Transaction(
        puts: [.init(bucket: "drops", key: "k", location: location)],
        outputs: forger.random.once(in: 2) ? [.init(name: "", location: forger.location())] : []))
    if forger.random.once(in: 3) { scribble(on: [segment]) }
  }

  private func report(_ transaction: Transaction) {
    guard let invocation = forger.invocations.popLast() else { return }
    // It may say that it has gone on by itself, and sometimes it might.
    let continues = forger.random.once(in: 3)
    send(.finished(.init(invocation: invocation, result: .committed(transaction), continues: continues)))
    if continues { forger.invocations.append(invocation) }
    if forger.random.once(in: 4) {
      send(.finished(.init(invocation: invocation, result: .committed(transaction))))
    }
  }

  private func changeWords() {
    guard let words else { return }
    let offset = forger.random.pick([
      RingLayout.writeIndex, RingLayout.readIndex, RingLayout.readerSleep, RingLayout.writerSleep,
      RingLayout.spinPermit,
    ])
    let small = UInt64.random(in: 0...9000, using: &forger.random) * 8
    words.storeRelaxed(forger.random.once(in: 2) ? small : forger.random.next(), offset)
  }
}
