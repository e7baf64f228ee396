import Dataflow
import Foundation
import Hummingbird
import KubernetesAPI
import KubernetesClient
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Wire

@testable import Coordinator

/// A coordinator without a cluster: real HTTP and real links on ports of its own, resources told by the test.
struct Stage {
  let broker: SessionBroker
  let http: KubernetesClient
  let linkPort: Int
  let httpPort: Int
  static let key = ObjectKey(namespace: "ns", name: "wf")

  static let plan = WorkflowPlan(
    namespace: "ns", workflow: "wf", revision: "p1", entry: "f", functions: [FunctionPlan(name: "f")],
    buckets: [BucketPlan(name: "words", triggers: [])], sessionTimeout: .seconds(20), sharedMemory: 1 << 20)

  static func with(
    limits: BrokerLimits = BrokerLimits(), bodyPace: BodyPace = BodyPace(),
    clock: @escaping @Sendable () -> Moment = Moment.now, _ body: @escaping @Sendable (Stage) async throws -> Void
  ) async throws {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let broker = SessionBroker(limits: limits, logger: logger, clock: clock)
    broker.workflowChanged(key, entry: "f", plan: plan, findings: [], isSuspended: false, currentRevision: nil)
    broker.synced()
    let ingress = Ingress(maxPayload: 2 << 20, bodyPace: bodyPace, logger: logger)
    ingress.serve(broker)
    let httpPort = OneShot<Int>()
    let linkPort = OneShot<Int>()
    let door = Application(
      router: ingress.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
      onServerRunning: { httpPort.fulfil(.success($0.localAddress?.port ?? 0)) }, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await door.run() }
      group.addTask {
        try await LinkListener(broker: broker, logger: logger)
          .run(host: "127.0.0.1", port: 0) { linkPort.fulfil(.success($0)) }
      }
      group.addTask { try await CoordinatorService.tick(broker) }
      defer { group.cancelAll() }
      let port = try await httpPort.value(within: .seconds(10)) ?? 0
      let http = KubernetesClient(
        ClientConfiguration(server: "http://127.0.0.1:\(port)"), userAgent: "test", logger: logger)
      try await body(
        Stage(
          broker: broker, http: http, linkPort: try await linkPort.value(within: .seconds(10)) ?? 0, httpPort: port))
    }
  }

  func show(_ pod: String, isReady: Bool = true) {
    broker.podObserved(ObservedPod(name: pod, uid: "uid-\(pod)", isReady: isReady), of: Self.key)
  }

  func send(
    _ method: String, _ path: String, _ query: [(name: String, value: String)] = [],
    _ headers: [(name: String, value: String)] = [], body: String? = nil
  ) async throws -> KubernetesClient.Response {
    try await http.send(
      KubernetesClient.Request(
        method: method, path: path, query: query, headers: headers, body: body.map { Data($0.utf8) }))
  }

  func post(_ body: String, _ query: [(name: String, value: String)] = [], key: String? = nil) async throws
    -> KubernetesClient.Response
  {
    try await send("POST", "/v1/ns/wf", query, key.map { [("Idempotency-Key", $0)] } ?? [], body: body)
  }
}

/// Speaks the sidecar's frames over TCP. What the coordinator sends is a stream that the test answers.
final class FakeSidecar: Sendable {
  let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>
  let name: String
  /// The coordinator has taken it in.
  let registered = OneShot<Void>()

  init(_ name: String, port: Int) async throws {
    self.name = name
    channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
      }
  }

  /// Registers and answers frames with `answer` until the link ends or `answer` returns nil.
  func run(
    uid: String? = nil, version: UInt16 = ProtocolVersion.current, features: Features = .current,
    holding: [PodFrame.HeldSession] = [],
    _ answer: @escaping @Sendable (CoordinatorFrame) async throws -> [PodFrame]?
  ) async throws {
    let registration = PodFrame.register(
      .init(
        version: version, features: features, namespace: "ns", workflow: "wf", podName: name,
        podUID: uid ?? "uid-\(name)", revision: "r", epoch: 1, sessions: holding))
    try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(bytes: registration.encoded()))
      var frames = FrameBuffer(sizeLimit: CoordinatorFrame.sizeLimit)
      for try await chunk in inbound {
        frames.append(chunk.readableBytesView)
        while let body = try frames.next() {
          let frame = try CoordinatorFrame(decoding: body)
          if case .registered = frame { registered.fulfil(.success(())) }
          guard let replies = frame == .ping ? [.pong] : try await answer(frame) else { return }
          for reply in replies { try await outbound.write(ByteBuffer(bytes: reply.encoded())) }
        }
      }
    }
  }

  /// Ends every session at once with what `end` says of its request.
  static func ending(
    _ end: @escaping @Sendable (CoordinatorFrame.SessionRequest) -> SessionResult
  ) -> @Sendable (CoordinatorFrame) async throws -> [PodFrame]? {
    { frame in
      switch frame {
      case .start(let request): [.stored(session: request.session), .ended(end(request))]
      case .describe(let number, _): [.answer(request: number, document: Array(#"{"live":true}"#.utf8))]
      case .list(let number): [.answer(request: number, document: Array("[]".utf8))]
      default: []
      }
    }
  }

  static let echo = ending { request in
    SessionResult(session: request.session, state: .succeeded, outputs: [.init(name: "", bytes: request.payload)])
  }
}
