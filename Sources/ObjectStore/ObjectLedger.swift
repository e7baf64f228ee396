import Wire

/// The accounts of a pod's object memory: which segments there are, who writes into them, which objects lie where and
/// who still needs them. It decides; `SegmentTable` and the sidecar do.
///
/// The quota counts whole segments. Small objects share arenas, which their writer fills from the beginning to the end;
/// large ones get a segment of their own. A range is never reused before the whole segment is empty and handed back
/// to its writer, so that no reader ever sees bytes change.
///
/// An empty object needs no memory: its location is segment 0, offset 0, length 0.
package struct ObjectLedger: Sendable {
  package let limit: Int
  package let arenaSize: Int
  package let pageSize: Int

  package internal(set) var used = 0
  package internal(set) var bytesByBucket: [String: Int] = [:]
  package internal(set) var objectsByBucket: [String: Int] = [:]

  /// Changed by `change` alone once it is in, so that the figures below stay right.
  var segments: [UInt32: Segment] = [:]
  /// How many bytes pressure could take away at once: the segments that are reclaimable.
  var reclaimable = 0
  /// The segments that an executor's attempt may write into, or will: granted, current or left.
  var writable: [UInt32: Set<UInt32>] = [:]
  /// The segment that payloads from outside go to.
  var sidecarArena: UInt32?
  var objects: [UInt64: StoredObject] = [:]
  /// Executors with a running attempt.
  var busy: Set<UInt32> = []
  var lastSegment: UInt32 = 0
  var lastObject: UInt64 = 0

  /// - Parameters:
  ///   - limit: the most bytes of all segments together; a plan's `sharedMemory`.
  ///   - executors: how many there will be; many make the arenas smaller, so that each gets one.
  package init(limit: Int, executors: Int = 3, pageSize: Int = 4096) {
    self.limit = limit
    self.pageSize = pageSize
    let share = limit / max(16, 4 * (executors + 1))
    arenaSize = max(64 << 10, min(4 << 20, share / pageSize * pageSize))
  }

  /// How many segments and objects there are.
  package var segmentCount: Int { segments.count }
  package var objectCount: Int { objects.count }

  /// The object, while something needs it.
  package func object(_ id: UInt64) -> StoredObject? { objects[id] }

  /// Whether new sessions may come in: less than three quarters of the memory is held by what cannot be taken back.
  package var acceptsSessions: Bool { PodLoad.hasRoom(used: claimed, of: limit) }
  /// What is in use without what pressure could take away at once.
  package var claimed: Int { used - reclaimable }

  /// Takes in what an attempt has put, all or nothing. Each object begins with one reference. An attempt may commit
  /// several times; what it has committed stays, whatever becomes of it.
  package mutating func commit(_ list: [NewObject], by executor: UInt32) throws(LedgerError) -> [UInt64] {
    if list.count == 1 {
      try check(list[0].location, by: executor, behind: 0)
      return [add(list[0])]
    }
    var ends: [UInt32: Int] = [:]
    // In the order of their places, so that it is enough to look at each object's neighbour.
    let order = list.indices.sorted { list[$0].location.offset < list[$1].location.offset }
    for index in order where list[index].location.length > 0 {
      let location = list[index].location
      try check(location, by: executor, behind: ends[location.segment] ?? 0)
      ends[location.segment] = Int(location.offset + location.length)
    }
    for object in list where object.location.length == 0 { try check(object.location, by: executor, behind: 0) }
    return list.map { add($0) }
  }

  /// Whether an executor may say that it has put an object there, behind the one before in the same segment.
  private func check(
    _ location: ObjectLocation, by executor: UInt32, behind end: Int
  ) throws(LedgerError) {
    guard location.length > 0 else {
      if location.segment == 0 { return }
      throw LedgerError("executor \(executor) reports an empty object in segment \(location.segment)")
    }
    guard let segment = segments[location.segment] else {
      throw LedgerError("executor \(executor) reports an object in segment \(location.segment), which does not exist")
    }
    guard segment.owner == .executor(executor) else {
      throw LedgerError("executor \(executor) reports an object in segment \(segment.id), which is not its own")
    }
    guard segment.phase == .current || segment.phase == .left else {
      throw LedgerError("executor \(executor) reports an object in segment \(segment.id), which it may not write into")
    }
    let size = UInt64(segment.size)
    guard location.length <= size, location.offset <= size - location.length else {
      throw LedgerError("executor \(executor) reports an object outside segment \(segment.id) of \(size) bytes")
    }
    let range = Int(location.offset)..<Int(location.offset + location.length)
    guard range.lowerBound >= end, segment.isFree(range) else {
      throw LedgerError("executor \(executor) reports an object in segment \(segment.id) over another object")
    }
  }

  /// One more needs the object. An unknown id is an error of the caller's; nothing happens.
  package mutating func retain(_ id: UInt64) { objects[id]?.references += 1 }

  /// One less needs the object; at zero it is freed, and perhaps its segment.
  package mutating func release(_ id: UInt64) -> [StoreAction] {
    guard var object = objects[id] else { return [] }
    object.references -= 1
    guard object.references == 0 else {
      objects[id] = object
      return []
    }
    objects[id] = nil
    Self.add(-Int(object.location.length), to: object.bucket, in: &bytesByBucket)
    Self.add(-1, to: object.bucket, in: &objectsByBucket)
    guard object.location.length > 0 else { return [] }
    change(object.location.segment) { $0.liveObjects -= 1 }
    return tidy(object.location.segment)
  }

  /// What the executor must be sent before it can read these objects.
  package mutating func attach(_ ids: [UInt64], to executor: UInt32) -> [StoreAction] {
    var actions: [StoreAction] = []
    for id in ids {
      guard let location = objects[id]?.location, let segment = segments[location.segment],
        segment.owner != .executor(executor), !segment.readers.contains(executor)
      else { continue }
      change(segment.id) { $0.readers.insert(executor) }
      actions.append(.attach(executor: executor, segment: segment.id, size: segment.size))
    }
    return actions
  }

  mutating func add(_ object: NewObject) -> UInt64 {
    lastObject += 1
    let length = Int(object.location.length)
    objects[lastObject] = StoredObject(
      location: object.location, bucket: object.bucket, references: 1)
    Self.add(length, to: object.bucket, in: &bytesByBucket)
    Self.add(1, to: object.bucket, in: &objectsByBucket)
    if length > 0 {
      let offset = Int(object.location.offset)
      change(object.location.segment) { $0.occupy(offset..<offset + length) }
    }
    return lastObject
  }

  private static func add(_ bytes: Int, to key: String, in table: inout [String: Int]) {
    let sum = (table[key] ?? 0) + bytes
    table[key] = sum == 0 ? nil : sum
  }
}
