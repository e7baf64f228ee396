package import Dataflow

/// What the sidecar sends to the SDK's processes over the pod's Unix socket.
package enum SidecarFrame: Frame, Hashable {
  /// Answers `hello`.
  case welcome(Welcome)
  /// Answers a `hello` that cannot be served; the connection closes behind it.
  case refused(reason: String)
  /// A segment to write objects into. One descriptor travels with it.
  /// `invocation` is the attempt that asked; zero from a sidecar that does not say.
  case grant(segment: UInt32, size: UInt64, invocation: UInt64 = 0)
  /// The object that room was asked for can never fit, or not while this attempt is to live.
  case denied(reason: String, invocation: UInt64 = 0)
  /// A segment that inputs lie in, for reading. One descriptor travels with it; it comes before the first input there.
  case attach(segment: UInt32, size: UInt64)
  /// Nothing in the segment is needed any more: unmap it.
  case detach(segment: UInt32)
  /// Objects in the worker's own segment are gone: write there again, into these ranges one behind the other. Without any
  /// every object is gone: write from the beginning. They are named only to a worker with `Features.freeRanges`.
  case recycle(segment: UInt32, invocation: UInt64 = 0, free: [Range<UInt64>] = [])
  case invoke(Invoke)
  /// What the worker may go on with by itself after invocations that name this table, instead of an earlier one.
  case continuations(Continuations)
  /// Nobody needs this attempt any more, nor what the worker has gone on with after it.
  case cancel(invocation: UInt64)
  /// To a worker: finish what runs, then exit. To a supervisor: the same for all of its workers.
  case drain
  /// To a supervisor: this worker hangs; end it and start another.
  case kill(slot: UInt16, reason: String)

  package static let sizeLimit = 16 << 20

  package struct Welcome: Sendable, Hashable {
    package var version: UInt16
    package var features: Features
    /// A number that a new life of the sidecar draws anew.
    package var epoch: UInt64
    package var executor: UInt32
    /// How many bytes the ring holds that the sidecar writes; zero when it has not taken the worker's. The descriptors of
    /// the ring's memory and of the sidecar's doorbell travel with the frame.
    package var ringCapacity: UInt32

    package init(
      version: UInt16 = ProtocolVersion.current, features: Features = .current, epoch: UInt64, executor: UInt32,
      ringCapacity: UInt32 = 0
    ) {
      self.version = version
      self.features = features
      self.epoch = epoch
      self.executor = executor
      self.ringCapacity = ringCapacity
    }
  }

  package struct Invoke: Sendable, Hashable {
    package var invocation: UInt64
    /// From 1.
    package var attempt: UInt32
    package var function: String
    package var session: String
    /// The same for every attempt: an idempotency key for effects outside.
    package var firing: Label
    package var inputs: [Input]
    /// Nanoseconds until the attempt is given up; nil without a limit.
    package var timeout: UInt64?
    /// Each put is to be sent at once, as `published`. An SDK that does not know the field sends its puts with the
    /// commit, as always: then they become visible later, and that is all.
    package var publishesImmediately: Bool
    /// The table that says what this may simply continue in; zero when every next invocation is the sidecar's to send.
    package var continuations: UInt32

    package init(
      invocation: UInt64, attempt: UInt32, function: String, session: String, firing: Label, inputs: [Input],
      timeout: UInt64? = nil, publishesImmediately: Bool = false, continuations: UInt32 = 0
    ) {
      self.invocation = invocation
      self.attempt = attempt
      self.function = function
      self.session = session
      self.firing = firing
      self.inputs = inputs
      self.timeout = timeout
      self.publishesImmediately = publishesImmediately
      self.continuations = continuations
    }
  }

  package struct Input: Sendable, Hashable {
    /// Empty for the request's payload.
    package var bucket: String
    package var key: Label
    package var group: String?
    package var location: ObjectLocation

    package init(bucket: String, key: Label, group: String? = nil, location: ObjectLocation) {
      self.bucket = bucket
      self.key = key
      self.group = group
      self.location = location
    }
  }

  /// How many descriptors travel with the frame.
  package var descriptorCount: Int {
    switch self {
    case .grant, .attach: 1
    case .welcome(let welcome): welcome.ringCapacity > 0 ? 2 : 0
    default: 0
    }
  }
}
