import Dataflow

/// The keys that the platform has made for a session's latest objects, and for whom. No other invocation makes them, but one
/// that was given such a key may put it back. Older ones are forgotten, so that a session of any length takes constant memory.
struct RecentKeys: Sendable {
  static let limit = 16_384

  private struct Entry: Sendable {
    var key: Label
    var bucket: Int32
    var producer: InvocationName

    var hash: UInt64 { RecentKeys.hash(key, in: Int(bucket)) }
  }

  /// Once it is full, each takes the place of the oldest.
  private var entries: ContiguousArray<Entry> = []
  private var oldest = 0
  /// Where the key of a hash is. Most sessions never ask, so it is made when one does.
  private var places = NumberTable<Int>()
  private var isIndexed = false

  var count: Int { entries.count }

  /// Keys that are made one after the other have hashes that are, so that buckets are far from one another.
  private static func hash(_ key: Label, in bucket: Int) -> UInt64 {
    key.quickHash &+ UInt64(bucket) &* 0x9e37_79b9_7f4a_7c15
  }

  mutating func producer(of key: Label, in bucket: Int) -> InvocationName? {
    guard !entries.isEmpty else { return nil }
    if !isIndexed {
      isIndexed = true
      for place in entries.indices { places.insert(place, for: entries[place].hash) }
    }
    guard let place = places[Self.hash(key, in: bucket)], entries[place].bucket == bucket,
      entries[place].key == key
    else { return nil }
    return entries[place].producer
  }

  mutating func insert(_ key: Label, in bucket: Int, by producer: InvocationName) {
    let entry = Entry(key: key, bucket: Int32(bucket), producer: producer)
    let place: Int
    if entries.count < Self.limit {
      place = entries.count
      entries.append(entry)
    } else {
      place = oldest
      oldest = (oldest + 1) % Self.limit
      if isIndexed, places[entries[place].hash] == place { places.removeValue(for: entries[place].hash) }
      entries[place] = entry
    }
    if isIndexed { places.insert(place, for: entry.hash) }
  }
}
