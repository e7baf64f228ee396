import FoundationEssentials
import KubernetesAPI
import KubernetesClient
import Logging
import Synchronization

/// Reads and writes the Lease for the state machine.
final class LeaseKeeper: Sendable {
  private let client: KubernetesClient
  private let key: ObjectKey
  private let logger: Logger
  private let state: Mutex<State>

  private struct State {
    var machine: LeaderElectionStateMachine
    /// The lease as last read or written, whose version the next write names.
    var lease: KubernetesObject?
  }

  init(client: KubernetesClient, key: ObjectKey, machine: LeaderElectionStateMachine, logger: Logger) {
    self.client = client
    self.key = key
    self.logger = logger
    state = Mutex(State(machine: machine))
  }

  var isLeading: Bool { state.withLock { $0.machine.isLeading } }
  var deadline: ContinuousClock.Instant? { state.withLock { $0.machine.deadline } }

  func hasLost(now: ContinuousClock.Instant) -> Bool {
    state.withLock { $0.machine.timePassed(now: now) || !$0.machine.isLeading }
  }

  /// Takes or renews the lease if that is possible now. Failures are logged; the deadline decides what they mean.
  func attempt() async throws {
    let sentAt = ContinuousClock.now
    do {
      let lease = try await read()
      let attempt = state.withLock { state in
        state.lease = lease
        return state.machine.leaseRead(
          lease.map { LeaseRecord($0) }, now: .now, wallTime: Timestamp.microseconds(Date()))
      }
      switch attempt {
      case .wait: break
      case .create(let record), .replace(let record):
        let written = try await write(record)
        state.withLock { state in
          state.lease = written
          state.machine.recordWritten(LeaseRecord(written), sentAt: sentAt)
        }
      }
    } catch let error as KubernetesError {
      logger.log(
        level: error.isConflict || error.isAlreadyExists ? .debug : .warning, "lease not renewed",
        metadata: ["lease": .string(key.description), "error": .string(error.message)])
    }
  }

  /// Frees the lease, so that the next one need not wait.
  func release() async {
    let record = state.withLock { $0.machine.released(wallTime: Timestamp.microseconds(Date())) }
    guard let record else { return }
    do {
      _ = try await write(record)
    } catch {
      logger.warning("lease not released, the next leader waits for its end: \(error)")
    }
  }

  private func read() async throws -> KubernetesObject? {
    do {
      return try await client.get(.lease, namespace: key.namespace, name: key.name)
    } catch let error as KubernetesError where error.isNotFound {
      return nil
    }
  }

  private func write(_ record: LeaseRecord) async throws -> KubernetesObject {
    let known = state.withLock { $0.lease }
    var lease = known ?? KubernetesObject(.lease, namespace: key.namespace, name: key.name)
    record.write(to: &lease)
    return known == nil ? try await client.create(lease, .lease) : try await client.replace(lease, .lease)
  }
}
