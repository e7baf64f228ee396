/// What the SDK's processes send to the sidecar over the pod's Unix socket.
package enum WorkerFrame: Frame, Hashable {
  /// First on every connection.
  case hello(Hello)
  /// The worker needs room for an object of so many bytes. Answered by `grant` or, when it can never fit, `denied`.
  /// `invocation` comes back with the answer, which may find the worker with its next attempt.
  case needSegment(bytes: UInt64, invocation: UInt64 = 0)
  /// The worker has mapped a granted segment for writing; the sidecar seals it now.
  case segmentMapped(segment: UInt32)
  /// An attempt has ended; what it put, announced and output becomes visible now or never.
  case finished(Finished)
  /// An object of a function that publishes immediately (`Invoke.publishesImmediately`): visible at once, whatever
  /// becomes of the attempt.
  case published(Published)
  /// From a supervisor, to a sidecar with `Features.endings`: how one of its workers has ended.
  case workerEnded(WorkerEnding)

  package static let sizeLimit = 16 << 20

  package struct Hello: Sendable, Hashable {
    package enum Role: UInt8, Sendable, Hashable {
      /// Runs functions, one at a time.
      case worker = 1
      /// Starts the workers of one container and ends them when told to.
      case supervisor = 2
    }

    package var version: UInt16
    package var features: Features
    package var role: Role
    package var container: String
    /// Which of the container's executors this is, from 0. A supervisor says how many it keeps.
    package var slot: UInt16
    package var functions: [String]
    /// How many bytes the ring holds that the worker writes and whose memory's descriptor comes with the hello; zero for
    /// none. A sidecar that does not know the field leaves it at the socket.
    package var ringCapacity: UInt32
    /// The worker's process, as its container numbers it; zero when it has no supervisor that would tell of its end.
    package var process: UInt32

    package init(
      version: UInt16 = ProtocolVersion.current, features: Features = .current, role: Role, container: String,
      slot: UInt16, functions: [String], ringCapacity: UInt32 = 0, process: UInt32 = 0
    ) {
      self.version = version
      self.features = features
      self.role = role
      self.container = container
      self.slot = slot
      self.functions = functions
      self.ringCapacity = ringCapacity
      self.process = process
    }
  }

  package struct Finished: Sendable, Hashable {
    package var invocation: UInt64
    package var result: Result
    /// After this commit the worker has gone on by itself, as `Continuations` has it, under the same number: what it says
    /// next of the invocation is of the one that follows.
    package var continues: Bool

    package enum Result: Sendable, Hashable {
      case committed(Transaction)
      case failed(message: String, isRetryable: Bool)
    }

    /// What was committed, if it was.
    package var transaction: Transaction? {
      if case .committed(let transaction) = result { transaction } else { nil }
    }

    package init(invocation: UInt64, result: Result, continues: Bool = false) {
      self.invocation = invocation
      self.result = result
      self.continues = continues
    }
  }

  package struct Published: Sendable, Hashable {
    package var invocation: UInt64
    package var put: Transaction.Put

    package init(invocation: UInt64, put: Transaction.Put) {
      self.invocation = invocation
      self.put = put
    }
  }
}
