import Dataflow
import Dispatch
import SharedMemory
import Testing
import Wire

@testable import PheromoneFunctions

/// Speaks the sidecar's side of the socket with real frames and real memory, one step at a time. A receive that gets
/// nothing for ten seconds fails, so that no test can hang.
final class SidecarDouble {
  private let socket: UnixSocket
  private let loop: EventLoop
  private var frames = FrameBuffer(sizeLimit: WorkerFrame.sizeLimit)
  private(set) var segments: [UInt32: MemorySegment] = [:]

  init(_ socket: UnixSocket) throws {
    self.socket = socket
    loop = try EventLoop()
    try socket.setNonBlocking()
    try loop.register(socket.descriptor, .readable, token: 1)
  }

  /// Runs blocking steps where they take no thread from the worker's tasks. What they throw fails the test.
  static func onItsThread(_ steps: @escaping @Sendable () throws -> Void) async {
    await withCheckedContinuation { continuation in
      DispatchQueue(label: "sidecar-double").async {
        do { try steps() } catch { Issue.record(error) }
        continuation.resume()
      }
    }
  }

  func send(_ frame: SidecarFrame, descriptor: Int32? = nil) throws {
    try socket.setNonBlocking(false)
    try socket.sendAll(frame.encoded(), descriptor: descriptor)
    try socket.setNonBlocking()
  }

  /// The next frame, or nil when the worker has closed the connection.
  func receive() throws -> WorkerFrame? {
    while true {
      if let body = try frames.next() { return try WorkerFrame(decoding: body) }
      switch try socket.receive() {
      case .data(let bytes, _): frames.append(bytes)
      case .closed: return nil
      case .nothing:
        guard !(try loop.wait(timeout: .seconds(10)).isEmpty) else {
          throw WireError("the worker has said nothing for ten seconds")
        }
      }
    }
  }

  /// Runs a worker with those functions against a double that has welcomed it, and answers how the worker ended.
  @discardableResult
  static func drive(
    _ functions: [Function], features: Features = .current, _ steps: @escaping @Sendable (SidecarDouble) throws -> Void
  ) async throws -> Worker.Ending {
    let (ours, theirs) = try UnixSocket.pair()
    let configuration = try HostConfiguration(environment: ["PHEROMONE_SOCKET": "/nowhere", "PHEROMONE_SLOT": "0"])
    let worker = Worker(configuration: configuration, functions: functions)
    let serving = Task { await worker.serve(theirs).0 }
    await onItsThread {
      let double = try SidecarDouble(ours)
      defer { double.close() }
      _ = try double.welcome(features: features)
      try steps(double)
    }
    return await serving.value
  }

  func welcome(features: Features = .current) throws -> WorkerFrame.Hello {
    guard case .hello(let hello) = try receive() else { throw WireError("no hello") }
    try send(.welcome(.init(features: features, epoch: 1, executor: 1)))
    return hello
  }

  /// Makes a segment with an object that the worker can read.
  func attach(_ id: UInt32, _ text: String) throws -> SidecarFrame.Input {
    let segment = try MemorySegment.create(size: 65536, access: .writing)
    try segment.write(Array(text.utf8), at: 0)
    try segment.seal()
    segments[id] = segment
    try send(.attach(segment: id, size: 65536), descriptor: segment.descriptor)
    return SidecarFrame.Input(
      bucket: "", key: "", location: ObjectLocation(segment: id, offset: 0, length: UInt64(text.utf8.count)))
  }

  func invoke(
    _ number: UInt64, _ function: String, _ inputs: [SidecarFrame.Input] = [], publishesImmediately: Bool = false
  ) throws {
    try send(
      .invoke(
        .init(
          invocation: number, attempt: 1, function: function, session: "s", firing: "f\(number)", inputs: inputs,
          publishesImmediately: publishesImmediately)))
  }

  /// Answers the request that comes next with a segment.
  func grant(_ id: UInt32, size: Int) throws {
    guard case .needSegment = try receive() else { throw WireError("no request for a segment") }
    let segment = try MemorySegment.create(size: size)
    segments[id] = segment
    try send(.grant(segment: id, size: UInt64(size)), descriptor: segment.descriptor)
    guard case .segmentMapped(id) = try receive() else { throw WireError("the segment was not mapped") }
    try segment.seal()
  }

  func finished() throws -> WorkerFrame.Finished {
    guard case .finished(let finished) = try receive() else { throw WireError("not finished") }
    return finished
  }

  func published() throws -> WorkerFrame.Published {
    guard case .published(let published) = try receive() else { throw WireError("not published") }
    return published
  }

  /// The message of the attempt that ends next, which must not be retried.
  func failedForGood() throws -> String {
    let result = try finished().result
    guard case .failed(let message, isRetryable: false) = result else { throw WireError("not failed: \(result)") }
    return message
  }

  func committed() throws -> Transaction {
    let result = try finished().result
    guard case .committed(let transaction) = result else { throw WireError("not committed: \(result)") }
    return transaction
  }

  func text(_ location: ObjectLocation) throws -> String {
    guard location.length > 0 else { return "" }
    let segment = try #require(segments[location.segment])
    return String(decoding: try segment.read(offset: Int(location.offset), length: Int(location.length)), as: UTF8.self)
  }

  /// What a handler does that only its cancellation ends.
  static func untilCancelled() async {
    let nothing = AsyncStream<Void> { _ in }
    for await _ in nothing {}
  }

  func close() { socket.shutDown() }
}
