import Dataflow
import Wire

/// The accounts of a pod's object memory: which segments there are, who writes into them, which objects lie where and
/// who still needs them. It decides; `SegmentTable` and the sidecar do.
///
/// The quota counts whole segments. Small objects share arenas, which their writer fills from the beginning to the end;
/// large ones get a segment of their own. A range is never reused before its object is gone and the segment handed back
/// to its writer, so that no reader ever sees bytes change. That is when the segment is empty; and for lack of room also
/// when less than half of an arena is in use: see `ObjectLedger+Sparse`.
///
/// An empty object needs no memory: its location is segment 0, offset 0, length 0.
package struct ObjectLedger: Sendable {
  package let limit: Int
  package let arenaSize: Int
  package let pageSize: Int

  package internal(set) var used = 0
  /// Of buckets that have objects.
  package var bytesByBucket: [String: Int] { accounts.bytesByBucket }
  package var objectsByBucket: [String: Int] { accounts.objectsByBucket }
  private var accounts = BucketAccounts()

  /// Changed by `change` alone once it is in, so that the figures below stay right.
  var segments = NumberTable<Segment>()
  /// How many bytes pressure could take away at once: the segments that are reclaimable.
  var reclaimable = 0
  /// The executors that have asked for room or run an attempt.
  var writers = NumberTable<Writer>()
  /// The segment that payloads from outside go to.
  var sidecarArena: UInt32?
  /// How many objects that took room have been freed: what found none before may find some now.
  package var freedObjects: UInt64 = 0
  private(set) var objects = NumberTable<StoredObject>()
  var lastSegment: UInt32 = 0
  private var lastObject: UInt64 = 0

  /// What the ledger knows of an executor.
  struct Writer: Sendable {
    /// The segments that its attempt may write into, or will, oldest first: granted, current or left. Nearly always one.
    var segments: [UInt32] = []
    /// Whether it runs an attempt.
    var isBusy = false
  }

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
  /// Whether that is still so once a payload of so many bytes is in. Small ones share what is there.
  package func leavesRoom(_ bytes: Int) -> Bool {
    bytes <= arenaSize / 4 || bytes <= limit && PodLoad.hasRoom(used: claimed + bytes, of: limit)
  }
  /// What is in use without what pressure could take away at once.
  package var claimed: Int { used - reclaimable }

  /// Takes in what an attempt has put, all or nothing. Each object begins with one reference. An attempt may commit
  /// several times; what it has committed stays, whatever becomes of it.
  package mutating func commit(_ list: [NewObject], by executor: UInt32) throws(LedgerError) -> [UInt64] {
    if list.count == 1 { return [try commit(list[0], by: executor)] }
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

  /// The same of one object.
  package mutating func commit(_ object: NewObject, by executor: UInt32) throws(LedgerError) -> UInt64 {
    try check(object.location, by: executor, behind: 0)
    return add(object)
  }

  /// Whether an executor may say that it has put an object there, behind the one before in the same segment.
  private mutating func check(
    _ location: ObjectLocation, by executor: UInt32, behind end: Int
  ) throws(LedgerError) {
    guard location.length > 0 else {
      if location.segment == 0, location.offset == 0 { return }
      throw LedgerError(
        "executor \(executor) reports an empty object in segment \(location.segment) at \(location.offset)")
    }
    let objection =
      segments.change(UInt64(location.segment)) { Self.objection(to: location, in: $0, by: executor, behind: end) }
      ?? "which does not exist"
    if let objection {
      throw LedgerError("executor \(executor) reports an object in segment \(location.segment), \(objection)")
    }
  }

  private static func objection(
    to location: ObjectLocation, in segment: Segment, by executor: UInt32, behind end: Int
  ) -> String? {
    guard segment.owner == .executor(executor) else { return "which is not its own" }
    guard segment.phase == .current || segment.phase == .left else { return "which it may not write into" }
    let size = UInt64(segment.size)
    guard location.length <= size, location.offset <= size - location.length else {
      return "outside its \(size) bytes"
    }
    let range = Int(location.offset)..<Int(location.offset + location.length)
    return range.lowerBound >= end && segment.isFree(range) ? nil : "over another object"
  }

  /// One more needs the object. An unknown id is an error of the caller's; nothing happens.
  package mutating func retain(_ id: UInt64) { objects.change(id) { $0.references += 1 } }

  /// One less needs the object; at zero it is freed, and perhaps its segment.
  package mutating func release(_ id: UInt64) -> [StoreAction] {
    let left = objects.change(id) { object in
      object.references -= 1
      return object.references
    }
    guard left == 0, let object = objects.removeValue(for: id) else { return [] }
    accounts.remove(bytes: Int(object.location.length), from: object.bucket)
    guard object.location.length > 0 else { return [] }
    freedObjects += 1
    change(object.location.segment) { $0.vacate(Int(object.location.length)) }
    return tidy(object.location.segment)
  }

  /// What the executor must be sent before it can read these objects.
  package mutating func attach(_ ids: [UInt64], to executor: UInt32) -> [StoreAction] {
    var actions: [StoreAction] = []
    for id in ids {
      if let action = attach(id, to: executor) { actions.append(action) }
    }
    return actions
  }

  /// The same of one object.
  package mutating func attach(_ id: UInt64, to executor: UInt32) -> StoreAction? {
    let segment = objects.read(id) { $0.location.segment } ?? 0
    let size = segments.change(UInt64(segment)) { segment -> Int? in
      guard segment.owner != .executor(executor), segment.readers.insert(executor).inserted else { return nil }
      return segment.size
    }
    return (size ?? nil).map { .attach(executor: executor, segment: segment, size: $0) }
  }

  mutating func add(_ object: NewObject) -> UInt64 {
    lastObject += 1
    let length = Int(object.location.length)
    let bucket = accounts.add(bytes: length, to: object.bucket)
    objects.insert(StoredObject(location: object.location, bucket: bucket, references: 1), for: lastObject)
    if length > 0 {
      let offset = Int(object.location.offset)
      change(object.location.segment) { $0.occupy(offset..<offset + length) }
    }
    return lastObject
  }
}
