import Dataflow
import Wire

/// At least one frame of every kind, with every optional field once there and once not.
enum FrameSamples {
  static let location = ObjectLocation(segment: 7, offset: 1 << 40, length: .max)

  static let worker: [WorkerFrame] = [
    .hello(.init(features: .calls, role: .worker, container: "app", slot: 1, functions: ["count", "größe", ""])),
    .hello(.init(role: .worker, container: "app", slot: 0, functions: ["f"], ringCapacity: 65536)),
    .hello(.init(role: .worker, container: "app", slot: 0, functions: ["f"], process: 77)),
    .hello(.init(version: 9, role: .supervisor, container: "", slot: .max, functions: [])),
    .needSegment(bytes: .max), .needSegment(bytes: 1, invocation: 7),
    .segmentMapped(segment: 12),
    .finished(.init(invocation: 5, result: .committed(Transaction()))),
    .finished(.init(invocation: 5, result: .committed(Transaction()), continues: true)),
    .finished(
      .init(
        invocation: 6,
        result: .committed(
          Transaction(
            puts: [
              .init(bucket: "words", key: "a", group: "g", location: location),
              .init(bucket: "words", key: "b", location: .init(segment: 0, offset: 0, length: 0)),
            ],
            announcements: [.init(bucket: "counts", keys: ["a", "b"]), .init(bucket: "counts", keys: [])],
            outputs: [.init(name: "", location: location), .init(name: "side", location: location)],
            calls: [
              .init(function: "next", key: "k", group: "g", location: location),
              .init(function: "next", key: "", location: .init(segment: 0, offset: 0, length: 0)),
            ])))),
    .finished(.init(invocation: 7, result: .failed(message: "it broke", isRetryable: true))),
    .finished(.init(invocation: 8, result: .failed(message: "", isRetryable: false))),
    .published(.init(invocation: 9, put: .init(bucket: "words", key: "a|\0\n", group: "|", location: location))),
    .published(.init(invocation: 9, put: .init(bucket: "words", key: "b", location: location))),
    .workerEnded(.init(process: 77, isSignal: true, number: 11)),
    .workerEnded(.init(process: .max, isSignal: false, number: 3)),
  ]

  static let sidecar: [SidecarFrame] = [
    .welcome(.init(epoch: 77, executor: 3)), .welcome(.init(epoch: 77, executor: 3, ringCapacity: 16384)),
    .refused(reason: "no"),
    .grant(segment: 1, size: 4 << 20), .grant(segment: 1, size: 4 << 20, invocation: 7),
    .denied(reason: "too large"),
    .attach(segment: 2, size: 1),
    .detach(segment: 2),
    .recycle(segment: 1), .recycle(segment: 1, invocation: 7, free: [64..<128, 1 << 40..<(.max)]),
    .invoke(
      .init(
        invocation: 9, attempt: 2, function: "count", session: "s", firing: "f",
        inputs: [
          .init(bucket: "words", key: "a", group: "g", location: location),
          .init(bucket: "", key: "", location: location),
        ], timeout: 5)),
    .invoke(.init(invocation: 9, attempt: 1, function: "count", session: "s", firing: "f", inputs: [])),
    .invoke(
      .init(invocation: 9, attempt: 1, function: "count", session: "s", firing: "f", inputs: [], continuations: 7)),
    .continuations(
      .init(
        number: 7,
        buckets: [
          .init(name: "empty", routes: []),
          .init(
            name: "words",
            routes: [
              .init(trigger: "words/each", function: "count"),
              .init(
                trigger: "words/some", function: "count", names: ["a", ""], timeout: .max, publishesImmediately: true),
            ]),
        ])),
    .invoke(
      .init(
        invocation: 9, attempt: 1, function: "count", session: "s", firing: "f", inputs: [],
        publishesImmediately: true)),
    .cancel(invocation: 9),
    .drain,
    .kill(slot: 2, reason: "it hangs"),
  ]

  static let pod: [PodFrame] = [
    .register(
      .init(
        namespace: "n", workflow: "w", podName: "p", podUID: "u", revision: "r", epoch: 1, isDraining: true,
        sessions: [
          .init(session: "s", hasEnded: true, idempotencyKey: "k", requestHash: "h"),
          .init(session: "t", hasEnded: false, idempotencyKey: nil, requestHash: ""),
        ])),
    .register(.init(namespace: "n", workflow: "w", podName: "p", podUID: "u", revision: "r", epoch: 1)),
    .planApplied(revision: "r"),
    .planRefused(revision: "r", reason: "why"),
    .stored(session: "s"),
    .refused(session: "s", reason: "full", isFinal: true),
    .ended(
      .init(
        session: "s", state: .stalled, message: "m",
        outputs: [.init(name: "", bytes: [1, 2, 3]), .init(name: "x", bytes: [])])),
    .ended(.init(session: "s", state: .cancelled)),
    .load(
      PodLoad(
        activeSessions: 1, executors: 2, busyExecutors: 3, queuedInvocations: 4, memoryUsed: 5, memoryLimit: 6,
        succeeded: 7, failed: 8, missingFunctions: ["f"],
        buckets: [
          .init(name: "b", objects: 1, bytes: 2, deadLetters: 3, triggers: [.init(name: "t", fired: 4, pending: 5)])
        ])),
    .load(PodLoad()),
    .answer(request: 1, document: [123, 125]),
    .answer(request: 2, document: nil),
    .outputs(request: 3, result: .init(session: "s", state: .succeeded)),
    .outputs(request: 4, result: nil),
    .draining,
    .pong,
    .deadLetter(.init(session: "d", bucket: "b", trigger: "t", objects: 9, message: "it broke")),
  ]

  static let coordinator: [CoordinatorFrame] = [
    .registered(version: 1, features: [.deadLetters, Features(rawValue: 1 << 31)], coordinator: "c"),
    .redirect(address: "10.0.0.1:8081"),
    .refused(reason: "no such workflow"),
    .plan(revision: "r", document: [1, 2]),
    .start(
      .init(
        session: "s", origin: .invoke(function: "f"), payload: [0, 255], idempotencyKey: "k", requestHash: "h",
        timeout: 9)),
    .start(.init(session: "s", origin: .put(bucket: "b", key: "k", group: "g"), payload: [], requestHash: "")),
    .start(
      .init(
        session: "s", origin: .put(bucket: "b", key: "k", group: nil), payload: [1], requestHash: "", isRecorded: true)),
    .cancel(session: "s"),
    .describe(request: 1, session: "s"),
    .list(request: 2),
    .collect(request: 3, session: "s"),
    .drain,
    .ping,
    .recording(request: 4, session: "s"),
    .received(session: "s"),
  ]
}
