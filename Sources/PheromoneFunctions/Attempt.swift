import Dataflow
import SharedMemory
import Synchronization
import Wire

/// One run of a handler: what it has put so far, and whether it still may.
final class Attempt: Sendable {
  fileprivate struct State {
    var transaction = Transaction()
    var addresses: Set<Address> = []
    /// About as many bytes as the transaction takes on its way.
    var size = 0
    var generatedKeys = 0
    var isOpen = true
    var isCancelled = false
    /// Where the last published object ends, of each segment that has one.
    var published: [UInt32: Int] = [:]
  }

  let invoke: SidecarFrame.Invoke
  let deadline: ContinuousClock.Instant?
  private let memory: WorkerMemory
  private let features: Features
  private let state = Mutex(State())
  /// Held while an object is published, so that none goes out after the attempt has ended. Never held by the
  /// connection's reader.
  private let publishing = Mutex(())

  /// - Parameter features: what the sidecar understands.
  init(
    _ invoke: SidecarFrame.Invoke, memory: WorkerMemory, features: Features = .current,
    now: @autoclosure () -> ContinuousClock.Instant = .now
  ) {
    self.invoke = invoke
    self.memory = memory
    self.features = features
    deadline = invoke.timeout.map { now() + .nanoseconds(Int64(clamping: $0)) }
  }

  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  func cancel() {
    state.withLock { $0.isCancelled = true }
    memory.interrupt(self)
  }

  func checkOpen() throws { try state.withLock { try $0.checkOpen() } }

  /// Finds memory for an object, whose key is made if there is none.
  func lend(_ count: Int, to destination: Address.Destination, key: String?, group: String?) throws -> Loan {
    try checkOpen()
    guard count >= 0 else { throw FunctionError("an object cannot have \(count) bytes", isRetryable: false) }
    let objection =
      switch destination {
      case .output: key.flatMap { NameRule.objection(toOutput: $0) }
      case .bucket, .function: key.flatMap { NameRule.objection(toKey: $0) } ?? NameRule.objection(toGroup: group)
      }
    if let objection { throw FunctionError("\(invoke.function): \(objection)", isRetryable: false) }
    if case .function(let function) = destination, !features.contains(.calls) {
      throw FunctionError(
        """
        this pod's sidecar is of a release that cannot send objects straight to a function, so \(invoke.function) \
        cannot call \(function); update Pheromone, or put the object into a bucket with an immediate trigger
        """, isRetryable: false)
    }
    let place = try memory.allocate(count, for: self)
    return Loan(
      place: place, attempt: self,
      address: Address(destination: destination, key: key.map { Label($0) } ?? nextKey(), isMade: key == nil),
      group: group)
  }

  /// The same keys in every attempt that asks in the same order.
  private func nextKey() -> Label {
    let index = state.withLock { state in
      state.generatedKeys += 1
      return state.generatedKeys
    }
    return DefaultKey.make(firing: invoke.firing, index: index)
  }

  func put(_ place: Place, at address: Address, group: String?) throws {
    if case .bucket(let bucket) = address.destination, invoke.publishesImmediately {
      let put = Transaction.Put(bucket: bucket, key: address.key, group: group, location: place.location)
      return try publish(put, at: address)
    }
    try state.withLock { state in
      try state.checkOpen()
      try state.grow(by: address.size + (group?.utf8.count ?? 0))
      // A counter makes each key once.
      if !address.isMade { try state.claim(address, for: invoke.function) }
      let (key, location) = (address.key, place.location)
      switch address.destination {
      case .bucket(let bucket):
        state.transaction.puts.append(.init(bucket: bucket, key: key, group: group, location: location))
      case .function(let function):
        state.transaction.calls.append(.init(function: function, key: key, group: group, location: location))
      case .output: state.transaction.outputs.append(.init(name: key.text, location: location))
      }
    }
  }

  private func publish(_ put: Transaction.Put, at address: Address) throws {
    try publishing.withLock { _ in
      try state.withLock { state in
        try state.checkOpen()
        // A stream may be long, so that only keys are remembered that can come twice.
        if !DefaultKey.isDefault(put.key, of: invoke.firing) { try state.claim(address, for: invoke.function) }
        // From now on others may read the range, whatever becomes of the attempt.
        let end = Int(put.location.offset + put.location.length)
        state.published[put.location.segment] = max(state.published[put.location.segment] ?? 0, end)
      }
      try memory.send(.published(.init(invocation: invoke.invocation, put: put)))
    }
  }

  func expect(_ keys: [String], bucket: String) throws {
    for key in keys {
      if let objection = NameRule.objection(toKey: key) {
        throw FunctionError("\(invoke.function) announces a key for \(bucket): \(objection)", isRetryable: false)
      }
    }
    try state.withLock { state in
      try state.checkOpen()
      try state.grow(by: keys.reduce(bucket.utf8.count) { $0 + $1.utf8.count + 4 })
      state.transaction.announcements.append(Transaction.Announcement(bucket: bucket, keys: keys))
    }
  }

  /// Ends the attempt: from now on nothing can be put. Answers what was.
  func close() -> Transaction {
    let transaction = publishing.withLock { _ in
      state.withLock { state in
        state.isOpen = false
        return state.transaction
      }
    }
    memory.interrupt(self)
    return transaction
  }

  /// Where the last object ends that the attempt has published in that segment, if any.
  func publishedEnd(in segment: UInt32) -> Int? { state.withLock { $0.published[segment] } }
}

extension Attempt.State {
  fileprivate func checkOpen() throws {
    guard isOpen else {
      throw FunctionError("the invocation has ended; nothing can be put any more", isRetryable: false)
    }
    if isCancelled { throw CancellationError() }
  }

  fileprivate mutating func claim(_ address: Address, for function: String) throws {
    guard addresses.insert(address).inserted else {
      throw FunctionError("\(function) \(address.description) twice", isRetryable: false)
    }
  }

  /// An entry takes its names and less than 64 bytes.
  fileprivate mutating func grow(by count: Int) throws {
    size += count + 64
    guard size < WorkerFrame.sizeLimit else {
      throw FunctionError(
        """
        the names of what one invocation puts, calls, announces and outputs take more than the limit of \
        \(WorkerFrame.sizeLimit >> 20) MiB; let several invocations share the work
        """, isRetryable: false)
    }
  }
}
