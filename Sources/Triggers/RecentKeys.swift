import DequeModule

/// The keys that the platform has made for a session's latest objects, and for whom. No other invocation makes them, but one
/// that was given such a key may put it back. Older ones are forgotten, so that a session of any length takes constant memory.
struct RecentKeys: Sendable {
  static let limit = 16_384

  private struct Entry: Hashable {
    var bucket: Int
    var key: String
  }

  private var producers: [Entry: InvocationName] = [:]
  private var order: Deque<Entry> = []

  var count: Int { order.count }

  func producer(of key: String, in bucket: Int) -> InvocationName? {
    producers.isEmpty ? nil : producers[Entry(bucket: bucket, key: key)]
  }

  mutating func insert(_ key: String, in bucket: Int, by producer: InvocationName) {
    let entry = Entry(bucket: bucket, key: key)
    guard producers.updateValue(producer, forKey: entry) == nil else { return }
    order.append(entry)
    if order.count > Self.limit { producers[order.removeFirst()] = nil }
  }
}
