import Dataflow
import DequeModule
import Wire

/// One process of the SDK and its socket. Frames of one direction keep their order; how long they take is up to the
/// simulation. Its memory follows the SDK's `WorkerMemory` move by move.
struct SimulatedWorker {
  struct Arena: Equatable {
    var id: UInt32
    var size: Int
    var offset = 0
    /// What may be written, if that is not all.
    var free: [Range<Int>] = []

    /// Objects above this share get a segment of their own.
    func isLarge(_ count: Int) -> Bool { count > size / 4 }

    mutating func take(_ count: Int) -> Int? {
      guard !isLarge(count) else { return nil }
      for range in free.isEmpty ? [0..<size] : free {
        let start = (max(offset, range.lowerBound) + 63) & ~63
        guard start + count <= range.upperBound else { continue }
        offset = start + count
        return start
      }
      return nil
    }
  }

  /// An attempt that the process runs: what its function still does.
  struct Run {
    var invoke: SidecarFrame.Invoke
    var moves: [Move]
    var ending: Ending
    var transaction = Transaction()
    var isCancelled = false
    /// Where the last published object ends, of each segment that has one.
    var published: [UInt32: Int] = [:]
    /// How many invocations it has gone on from by itself to come to this one.
    var hops = 0
    var isHanging: Bool { moves.isEmpty && ending == .hang }
  }

  enum Move: Equatable {
    case put(bucket: String, key: String, group: String?, size: Int)
    case call(function: String, key: String, size: Int)
    case output(size: Int)
    case announce(bucket: String, keys: [String])

    var size: Int {
      switch self {
      case .put(_, _, _, let size), .call(_, _, let size), .output(let size): size
      case .announce: 0
      }
    }
  }

  enum Ending: Equatable {
    case commit
    case fail(isRetryable: Bool)
    case hang
    case die
    case lie(Int)
  }

  /// A segment to write into: all of it, or only the ranges that are free.
  struct Space: Equatable {
    var id: UInt32
    var free: [Range<Int>] = []
  }

  enum Answer: Equatable {
    case room(Space)
    case denied(String)
  }

  let slot: UInt16
  let functions: [String]
  var toPod: Deque<WorkerFrame> = []
  var toWorker: Deque<SidecarFrame> = []
  /// The process has ended; what it sent is still read.
  var isDead = false
  /// How many frames the pod reads before the one that nothing sound sends, if it has sent such a one.
  private var framesBeforeLie: Int?
  /// The pod knows it.
  var isGreeted = false
  var run: Run?
  /// What the pod lets it go on with by itself.
  var continuations: Continuations?
  /// Segments that it has mapped for reading, and its own with their sizes.
  var mapped: Set<UInt32> = []
  var own: [UInt32: Int] = [:]
  var isWaiting = false
  var answer: Answer?
  private var arena: Arena?
  private var mark: Arena?
  private var spare: [Space] = []
  /// How many bytes the last request was for.
  private(set) var requested = 0

  init(slot: UInt16, functions: [String]) {
    self.slot = slot
    self.functions = functions
  }

  var hasLied: Bool { framesBeforeLie != nil }

  /// What it sends next is a lie.
  mutating func beginLying() { framesBeforeLie = toPod.count }

  /// The pod takes the next frame, and whether it is the lie.
  mutating func nextToPod() -> (frame: WorkerFrame, isLie: Bool)? {
    guard let frame = toPod.popFirst() else { return nil }
    defer { framesBeforeLie = framesBeforeLie.map { $0 - 1 } }
    return (frame, framesBeforeLie == 0)
  }

  /// Whether it can do something by itself now.
  var canWork: Bool {
    guard let run, !isDead, !run.isHanging else { return false }
    return !isWaiting || answer != nil || run.isCancelled
  }

  func reads(_ segment: UInt32) -> Bool { mapped.contains(segment) || own[segment] != nil }

  mutating func begin(_ run: Run) {
    self.run = run
    mark = arena
  }

  /// What simply follows the run's commit, if the process may go on with it.
  func next(after run: Run) -> SidecarFrame.Invoke? {
    guard run.ending == .commit, !run.isCancelled, run.hops < Continuations.hopLimit,
      let next = continuations?.next(after: run.invoke, run.transaction), functions.contains(next.function)
    else { return nil }
    return next
  }

  enum Room {
    case at(ObjectLocation)
    case asks
    case denied(String)
  }

  /// Finds room for an object, or asks for it, or takes the answer.
  mutating func place(_ count: Int) -> Room {
    guard count > 0 else { return .at(ObjectLocation(segment: 0, offset: 0, length: 0)) }
    while true {
      if !isWaiting, var current = arena {
        arena = nil
        if own[current.id] != nil {
          let offset = current.take(count)
          if let offset {
            arena = current
            return .at(ObjectLocation(segment: current.id, offset: UInt64(offset), length: UInt64(count)))
          }
          if current.isLarge(count) { arena = current }
        }
      }
      guard let space = space(for: count) else {
        if case .denied(let reason) = answer {
          (isWaiting, answer) = (false, nil)
          return .denied(reason)
        }
        return .asks
      }
      guard let size = own[space.id] else { continue }
      if Arena(id: space.id, size: size).isLarge(count) {
        return .at(ObjectLocation(segment: space.id, offset: 0, length: UInt64(count)))
      }
      arena = Arena(id: space.id, size: size, free: space.free)
    }
  }

  private mutating func space(for count: Int) -> Space? {
    if isWaiting {
      guard case .room(let space) = answer else { return nil }
      (isWaiting, answer) = (false, nil)
      return space
    }
    if let fitting = spare.firstIndex(where: { own[$0.id].map { count <= $0 / 4 } ?? false }) {
      return spare.remove(at: fitting)
    }
    isWaiting = true
    answer = nil
    requested = count
    toPod.append(.needSegment(bytes: UInt64(count)))
    return nil
  }

  /// Ends the run: what was not committed is written over, and what room comes from now on is kept for later.
  mutating func end(_ result: WorkerFrame.Finished.Result, continues: Bool = false) {
    guard let run else { return }
    if case .room(let space) = answer { keep(space) }
    (isWaiting, answer) = (false, nil)
    if case .failed = result, var current = arena {
      current.offset = max(mark?.id == current.id ? mark?.offset ?? 0 : 0, run.published[current.id] ?? 0)
      arena = current
    }
    toPod.append(.finished(.init(invocation: run.invoke.invocation, result: result, continues: continues)))
    self.run = nil
  }

  // MARK: - The connection's reader

  mutating func granted(_ id: UInt32, size: Int) {
    own[id] = size
    toPod.append(.segmentMapped(segment: id))
    hear(.room(Space(id: id)))
  }

  mutating func recycled(_ id: UInt32, free: [Range<UInt64>]) {
    spare.removeAll { $0.id == id }
    hear(.room(Space(id: id, free: free.map { Int($0.lowerBound)..<Int($0.upperBound) })))
  }

  mutating func hear(_ news: Answer) {
    if isWaiting, answer == nil {
      answer = news
    } else if case .room(let space) = news {
      keep(space)
    }
  }

  /// A segment that was made for one large object serves that attempt only.
  private mutating func keep(_ space: Space) {
    if let size = own[space.id], requested <= size / 4 { spare.append(space) }
  }

  mutating func detached(_ id: UInt32) {
    spare.removeAll { $0.id == id }
    mapped.remove(id)
    own[id] = nil
  }
}
