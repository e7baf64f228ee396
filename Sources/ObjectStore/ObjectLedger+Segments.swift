import Dataflow
import Wire

/// Segments come, change hands and go.
extension ObjectLedger {
  /// Decides where an executor puts an object of so many bytes that finds no room in its present arena. Asking
  /// again after `.wait` is harmless.
  ///
  /// - Parameter fillsGaps: whether the executor keeps to the free ranges of a `recycle`.
  package mutating func needSegment(
    executor: UInt32, bytes: Int, fillsGaps: Bool = false
  ) -> (decision: SegmentDecision, actions: [StoreAction]) {
    let (size, isLarge) = segmentSize(bytes)
    guard size <= limit else { return (.neverFits(limit: limit), []) }
    let owner = SegmentOwner.executor(executor)
    if !isLarge {
      for id in ownSegments(of: executor) where segments[id]?.phase == .current { change(id) { $0.phase = .left } }
      let empty = segments.values.filter { $0.owner == owner && $0.phase == .retired && $0.liveObjects == 0 }
      if let spare = empty.map(\.id).min() {
        recycle(spare, to: executor, as: .current)
        return (.recycle(segment: spare), [])
      }
      if fillsGaps, isMemoryScarce, let (sparse, free) = sparseArena(of: owner, bytes) {
        recycle(sparse, to: executor, as: .current, free)
        return (.recycle(segment: sparse, free: free), [])
      }
    } else if let spare = warmSegment(of: owner, size: size) {
      recycle(spare, to: executor, as: .left)
      return (.recycle(segment: spare), [])
    }
    guard var actions = makeRoom(for: size) else { return (.wait, []) }
    let id = addSegment(size: size, owner: owner, isLarge: isLarge, phase: .granted)
    actions.append(.create(segment: id, size: size))
    return (.grant(segment: id, size: size), actions)
  }

  /// The executor has mapped a granted segment. The caller seals it; if that fails, the executor is ended.
  package mutating func mapped(segment id: UInt32, by executor: UInt32) throws(LedgerError) {
    guard let segment = segments[id], segment.owner == .executor(executor), segment.phase == .granted else {
      throw LedgerError("executor \(executor) says it has mapped segment \(id), which it was not granted")
    }
    change(id) { $0.phase = segment.isLarge ? .left : .current }
  }

  /// An attempt begins on the executor.
  package mutating func attemptBegan(on executor: UInt32) { setBusy(true, executor) }

  /// The attempt has ended, and what it put is committed or never will be: its loans are void.
  package mutating func attemptEnded(on executor: UInt32) -> [StoreAction] {
    setBusy(false, executor)
    var actions: [StoreAction] = []
    for id in ownSegments(of: executor) {
      let phase = segments.change(UInt64(id), { $0.phaseToEnd }) ?? nil
      // Nearly always there is nothing to do.
      guard let phase else { continue }
      change(id) { segment in
        segment.gaps = []
        if phase == .left { segment.phase = .retired }
      }
      guard phase == .left else { continue }
      withdraw(id, from: executor)
      actions += tidy(id)
    }
    return actions
  }

  /// The executor's connection has closed. What it committed lives on.
  package mutating func executorGone(_ executor: UInt32) -> [StoreAction] {
    setBusy(false, executor)
    writers.removeValue(for: UInt64(executor))
    var actions: [StoreAction] = []
    for segment in inOrder() {
      let isOwn = segment.owner == .executor(executor) && segment.phase != .orphaned
      change(segment.id) { segment in
        segment.readers.remove(executor)
        if isOwn { (segment.phase, segment.gaps) = (.orphaned, []) }
      }
      if isOwn { actions += tidy(segment.id) }
    }
    return actions
  }

  /// Finds room for a payload from outside, and enters it with one reference.
  package mutating func reserve(
    bytes: Int, bucket: String
  ) -> (reservation: Reservation, actions: [StoreAction]) {
    guard bytes > 0 else {
      let location = ObjectLocation(segment: 0, offset: 0, length: 0)
      let id = add(NewObject(location: location, bucket: bucket))
      return (.reserved(object: id, segment: 0, offset: 0), [])
    }
    let (size, isLarge) = segmentSize(bytes)
    guard size <= limit else { return (.neverFits(limit: limit), []) }
    var actions: [StoreAction] = []
    let target: UInt32
    if !isLarge, let arena = sidecarArena, place(of: bytes, in: arena) != nil {
      target = arena
    } else if !isLarge, isMemoryScarce, let (sparse, free) = sparseArena(of: .sidecar, bytes) {
      // Nobody else writes into it, so that it need not be asked.
      if let full = sidecarArena {
        change(full) { $0.phase = .retired }
        actions = tidy(full)
      }
      change(sparse) { segment in
        segment.phase = .current
        segment.open(free)
      }
      sidecarArena = sparse
      target = sparse
    } else {
      guard let room = makeRoom(for: size) else { return (.wait, []) }
      actions = room
      if !isLarge, let full = sidecarArena {
        sidecarArena = nil
        change(full) { $0.phase = .retired }
        actions += tidy(full)
      }
      target = addSegment(size: size, owner: .sidecar, isLarge: isLarge, phase: isLarge ? .retired : .current)
      if !isLarge { sidecarArena = target }
      actions.append(.create(segment: target, size: size))
    }
    let offset = place(of: bytes, in: target) ?? 0
    let location = ObjectLocation(segment: target, offset: UInt64(offset), length: UInt64(bytes))
    let id = add(NewObject(location: location, bucket: bucket))
    // The sidecar never goes back to what it has skipped.
    change(target) { $0.gaps = [] }
    return (.reserved(object: id, segment: target, offset: offset), actions)
  }

  private func place(of bytes: Int, in segment: UInt32) -> Int? {
    segments.read(UInt64(segment)) { $0.place(of: bytes) } ?? nil
  }

  /// Whether pressure may take the segment away at once: it is empty, and its owner is not about to write into it.
  func isReclaimable(_ segment: Segment) -> Bool { Self.isReclaimable(segment, writers) }

  private static func isReclaimable(_ segment: Segment, _ writers: NumberTable<Writer>) -> Bool {
    guard segment.liveObjects == 0 else { return false }
    switch (segment.phase, segment.owner) {
    case (.retired, _), (.current, .sidecar): return true
    case (.current, .executor(let executor)): return writers.read(UInt64(executor), { $0.isBusy }) != true
    case (.granted, _), (.left, _), (.orphaned, _): return false
    }
  }

  /// An empty segment of the owner's that a large object of such a size goes to, if there is one that is not twice as
  /// large as it has to be: its pages are there and mapped, which costs far more than to write them.
  private func warmSegment(of owner: SegmentOwner, size: Int) -> UInt32? {
    segments.values.filter {
      $0.owner == owner && $0.isLarge && $0.phase == .retired && $0.liveObjects == 0 && $0.size >= size
        && $0.size / 2 <= size
    }.min { ($0.size, $0.id) < ($1.size, $1.id) }?.id
  }

  /// Removes a segment that serves no purpose any more. An executor keeps one empty arena warm, and the segment of one
  /// large object; when memory is short they go.
  mutating func tidy(_ id: UInt32) -> [StoreAction] {
    // Nearly always it serves one.
    guard segments.change(UInt64(id), { $0.isUnused }) == true, let segment = segments[id] else { return [] }
    switch segment.phase {
    case .granted, .current, .left: return []
    case .orphaned: return destroy(segment)
    case .retired:
      let isAnotherWarm = segments.values.contains {
        $0.id != id && $0.owner == segment.owner && $0.phase == .retired && $0.liveObjects == 0
          && $0.isLarge == segment.isLarge
      }
      return segment.owner == .sidecar || isAnotherWarm ? destroy(segment) : []
    }
  }

  private func segmentSize(_ bytes: Int) -> (size: Int, isLarge: Bool) {
    guard bytes > arenaSize / 4 else { return (arenaSize, false) }
    // A size near the largest number must not overflow on its way up to a page.
    guard bytes <= limit else { return (Int.max, true) }
    return ((bytes + pageSize - 1) / pageSize * pageSize, true)
  }

  /// Takes back empty segments until the size fits; nil, with nothing changed, when that is not enough.
  private mutating func makeRoom(for size: Int) -> [StoreAction]? {
    var lacking = used + size - limit
    guard lacking > 0 else { return [] }
    var victims: [Segment] = []
    for segment in inOrder() where lacking > 0 && isReclaimable(segment) {
      victims.append(segment)
      lacking -= segment.size
    }
    return lacking > 0 ? nil : victims.flatMap { destroy($0) }
  }

  private mutating func recycle(
    _ id: UInt32, to executor: UInt32, as phase: Segment.Phase, _ free: [Range<Int>] = []
  ) {
    change(id) { segment in
      segment.phase = phase
      segment.open(free)
    }
    entrust(id, to: executor)
  }

  private mutating func addSegment(size: Int, owner: SegmentOwner, isLarge: Bool, phase: Segment.Phase) -> UInt32 {
    lastSegment += 1
    let segment = Segment(id: lastSegment, size: size, owner: owner, isLarge: isLarge, phase: phase)
    segments.insert(segment, for: UInt64(lastSegment))
    if isReclaimable(segment) { reclaimable += size }
    if case .executor(let executor) = owner { entrust(lastSegment, to: executor) }
    used += size
    return lastSegment
  }

  private mutating func destroy(_ segment: Segment) -> [StoreAction] {
    guard let segment = segments.removeValue(for: UInt64(segment.id)) else { return [] }
    used -= segment.size
    if isReclaimable(segment) { reclaimable -= segment.size }
    if sidecarArena == segment.id { sidecarArena = nil }
    var holders = segment.readers
    if case .executor(let owner) = segment.owner, segment.phase != .orphaned {
      holders.insert(owner)
      withdraw(segment.id, from: owner)
    }
    return holders.sorted().map { .detach(executor: $0, segment: segment.id) } + [.destroy(segment: segment.id)]
  }

  /// Changes a segment where it lies.
  @inline(__always)
  mutating func change(_ id: UInt32, _ body: (inout Segment) -> Void) {
    let gained = segments.change(UInt64(id)) { [writers] segment in
      let before = Self.isReclaimable(segment, writers)
      body(&segment)
      let after = Self.isReclaimable(segment, writers)
      return before == after ? 0 : after ? segment.size : -segment.size
    }
    reclaimable += gained ?? 0
  }

  private mutating func setBusy(_ isBusy: Bool, _ executor: UInt32) {
    // What is empty in its hands can be taken back while it runs nothing.
    var bytes = 0
    for id in ownSegments(of: executor) {
      bytes += segments.change(UInt64(id)) { $0.emptyBytes } ?? 0
    }
    let wasBusy = writers.change(UInt64(executor), default: Writer()) { writer in
      defer { writer.isBusy = isBusy }
      return writer.isBusy
    }
    if wasBusy != isBusy { reclaimable += isBusy ? -bytes : bytes }
  }

  private func ownSegments(of executor: UInt32) -> [UInt32] { writers.read(UInt64(executor)) { $0.segments } ?? [] }

  /// The executor may write into the segment.
  private mutating func entrust(_ id: UInt32, to executor: UInt32) {
    writers.change(UInt64(executor), default: Writer()) { writer in
      guard !writer.segments.contains(id) else { return }
      let place = writer.segments.firstIndex { $0 > id } ?? writer.segments.endIndex
      writer.segments.insert(id, at: place)
    }
  }

  /// It may no longer.
  private mutating func withdraw(_ id: UInt32, from executor: UInt32) {
    writers.change(UInt64(executor)) { $0.segments.removeAll { $0 == id } }
  }

  /// By age, so that the same events always lead to the same actions.
  private func inOrder() -> [Segment] { segments.values.sorted { $0.id < $1.id } }
}
