import Dataflow

/// What a worker may go on with by itself: for each bucket the functions that an object put there simply continues in. Worker
/// and sidecar decide by the same table which one it is, so that a report need not say.
package struct Continuations: Sendable, Hashable {
  /// Invocations that follow the first one of a run, at most.
  package static let hopLimit = 64
  /// Nanoseconds after its beginning for which a run is still gone on with.
  package static let timeLimit: Int64 = 200_000

  /// Tells one plan's table from another's; zero for none.
  package var number: UInt32
  package var buckets: [Bucket]

  package struct Bucket: Sendable, Hashable {
    package var name: String
    package var routes: [Route]

    package init(name: String, routes: [Route]) {
      self.name = name
      self.routes = routes
    }
  }

  /// A trigger that fires on each object by itself, and what it leads to.
  package struct Route: Sendable, Hashable {
    /// Bucket and trigger, such as `words/count-each`.
    package var trigger: String
    package var function: String
    /// The keys that it fires for; nil for all.
    package var names: [String]?
    /// Nanoseconds that an attempt may take, if there is a limit.
    package var timeout: UInt64?
    package var publishesImmediately: Bool

    package init(
      trigger: String, function: String, names: [String]? = nil, timeout: UInt64? = nil,
      publishesImmediately: Bool = false
    ) {
      self.trigger = trigger
      self.function = function
      self.names = names
      self.timeout = timeout
      self.publishesImmediately = publishesImmediately
    }

    func fires(for key: Label) -> Bool { names?.contains { Label($0) == key } ?? true }
  }

  package init(number: UInt32, buckets: [Bucket]) {
    self.number = number
    self.buckets = buckets
  }

  /// Where a commit simply continues: it puts one object, and that sets off one function by itself. What sets off several
  /// is for the scheduler to spread.
  package func route(after transaction: Transaction) -> Route? {
    guard transaction.puts.count == 1, transaction.calls.isEmpty else { return nil }
    let put = transaction.puts[0]
    guard let routes = buckets.first(where: { $0.name == put.bucket })?.routes else { return nil }
    var found: Route?
    for route in routes where route.fires(for: put.key) {
      guard found == nil else { return nil }
      found = route
    }
    return found
  }

  /// The invocation that follows one which has committed the transaction, as the sidecar would send it.
  package func next(after invoke: SidecarFrame.Invoke, _ transaction: Transaction) -> SidecarFrame.Invoke? {
    guard invoke.continuations == number, let route = route(after: transaction) else { return nil }
    let put = transaction.puts[0]
    var firing = FiringID(trigger: route.trigger, session: invoke.session)
    firing.add(key: put.key)
    return SidecarFrame.Invoke(
      invocation: invoke.invocation, attempt: 1, function: route.function, session: invoke.session,
      firing: firing.finish(),
      inputs: [.init(bucket: put.bucket, key: put.key, group: put.group, location: put.location)],
      timeout: route.timeout, publishesImmediately: route.publishesImmediately, continuations: number)
  }
}

extension Continuations {
  func write(to writer: inout ByteWriter) {
    writer.write(number)
    writer.write(buckets) { writer, bucket in
      writer.write(bucket.name)
      writer.write(bucket.routes) { writer, route in
        writer.write(route.trigger)
        writer.write(route.function)
        writer.write(route.names) { $0.write($1) }
        writer.write(route.timeout) { $0.write($1) }
        writer.write(route.publishesImmediately)
      }
    }
  }

  init(from reader: inout ByteReader) throws(WireError) {
    number = try reader.integer()
    buckets = try reader.list { (reader) throws(WireError) in
      Bucket(
        name: try reader.string(),
        routes: try reader.list { (reader) throws(WireError) in
          Route(
            trigger: try reader.string(), function: try reader.string(),
            names: try reader.optional { (reader) throws(WireError) in try reader.strings() },
            timeout: try reader.optional { (reader) throws(WireError) in try reader.integer() },
            publishesImmediately: try reader.flag())
        })
    }
  }
}
