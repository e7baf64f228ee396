import SharedMemory
import Synchronization
import Wire

/// One run of a handler: what it has put so far, and whether it still may.
final class Attempt: Sendable {
  private struct State {
    var transaction = Transaction()
    var keys: Set<[String]> = []
    var outputs: Set<String> = []
    var generatedKeys = 0
    var isOpen = true
    var isCancelled = false
  }

  let invoke: SidecarFrame.Invoke
  let deadline: ContinuousClock.Instant?
  private let memory: WorkerMemory
  private let state = Mutex(State())

  init(_ invoke: SidecarFrame.Invoke, memory: WorkerMemory, now: ContinuousClock.Instant = .now) {
    self.invoke = invoke
    self.memory = memory
    deadline = invoke.timeout.map { now + .nanoseconds(Int64(clamping: $0)) }
  }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  func cancel() {
    state.withLock { $0.isCancelled = true }
    memory.interrupt()
  }

  func checkOpen() throws {
    let (isOpen, isCancelled) = state.withLock { ($0.isOpen, $0.isCancelled) }
    guard isOpen else {
      throw FunctionError("the invocation has ended; nothing can be put any more", isRetryable: false)
    }
    if isCancelled { throw CancellationError() }
  }

  func allocate(_ count: Int) throws -> Place {
    try checkOpen()
    guard count >= 0 else { throw FunctionError("an object cannot have \(count) bytes", isRetryable: false) }
    return try memory.allocate(count, for: self)
  }

  /// The same keys in every attempt that puts in the same order.
  func nextKey() -> String {
    let index = state.withLock { state in
      state.generatedKeys += 1
      return state.generatedKeys
    }
    return "\(invoke.firing)-\(index)"
  }

  func put(_ place: Place, key: String, bucket: String, group: String?) throws {
    try checkOpen()
    try state.withLock { state in
      guard state.keys.insert([bucket, key]).inserted else {
        throw FunctionError("\(invoke.function) puts \"\(key)\" into \(bucket) twice", isRetryable: false)
      }
      state.transaction.puts.append(
        Transaction.Put(bucket: bucket, key: key, group: group, location: place.location))
    }
  }

  func expect(_ keys: [String], bucket: String) throws {
    try checkOpen()
    state.withLock { $0.transaction.announcements.append(Transaction.Announcement(bucket: bucket, keys: keys)) }
  }

  func output(_ place: Place, name: String) throws {
    try checkOpen()
    try state.withLock { state in
      guard state.outputs.insert(name).inserted else {
        let shown = name.isEmpty ? "its default output" : "output \"\(name)\""
        throw FunctionError("\(invoke.function) gives \(shown) twice", isRetryable: false)
      }
      state.transaction.outputs.append(Transaction.Output(name: name, location: place.location))
    }
  }

  /// Ends the attempt: from now on nothing can be put. Answers what was.
  func close() -> Transaction {
    let transaction = state.withLock { state in
      state.isOpen = false
      return state.transaction
    }
    memory.interrupt()
    return transaction
  }
}
