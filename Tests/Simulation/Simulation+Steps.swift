import Dataflow
import DequeModule
import ExecutorPod
import Wire

/// What happens next: mostly whatever is under way goes on, now and then something new or bad begins.
extension Simulation {
  enum Progress {
    case podReads(UInt64)
    case workerReads(UInt64)
    case work(UInt64)
    case podHears
    case coordinatorReads
  }

  /// All that can go on by itself now.
  var progress: [Progress] {
    var list: [Progress] = []
    for connection in connections {
      guard let worker = workers[connection] else { continue }
      if !worker.toPod.isEmpty || worker.isDead { list.append(.podReads(connection)) }
      if !worker.toWorker.isEmpty, !worker.isDead { list.append(.workerReads(connection)) }
      if worker.canWork { list.append(.work(connection)) }
    }
    if link.isOpen, !link.toPod.isEmpty { list.append(.podHears) }
    if link.isOpen, !link.toCoordinator.isEmpty { list.append(.coordinatorReads) }
    return list
  }

  mutating func step() {
    switch tape.below(100) {
    case 0..<72: goOn()
    case 72..<80: request()
    case 80..<84: join()
    case 84..<89: pass()
    case 89..<91: if profile.hasDeaths, let connection = tape.element(of: connections) { die(connection) }
    case 91..<93: ask()
    case 93: breakOrOpenLink()
    case 94: if profile.hasPlanChanges { changePlan() }
    case 95: if profile.hasCancels { cancelSomething() }
    case 96: if profile.hasWallJumps { setWallClock() }
    case 97: if profile.hasLongWaits, tape.once(in: 4) { pass(.seconds(1 + tape.below(400))) }
    case 98: if profile.hasDrain, tape.once(in: 5), link.isOpen { drain() }
    default: if link.isOpen { sayAgain() }
    }
  }

  mutating func goOn() {
    let list = progress
    guard !list.isEmpty else { return pass() }
    go(list[tape.below(list.count)])
  }

  mutating func go(_ progress: Progress) {
    switch progress {
    case .podReads(let connection): podReads(connection)
    case .workerReads(let connection): workerReads(connection)
    case .work(let connection): work(connection)
    case .podHears: podHears()
    case .coordinatorReads: link.read(revision: generator.plan.revision)
    }
  }

  // MARK: - Time

  /// Time passes: a little, to the next thing that is due, or a little past it.
  mutating func pass() {
    let next = core.nextDeadline.map { max(.zero, $0 - now.monotonic) } ?? .seconds(1)
    switch tape.below(4) {
    case 0: pass(next)
    case 1: pass(.microseconds(1 + tape.below(2000)))
    case 2: pass(.milliseconds(tape.below(3000)))
    default: pass(min(next, .seconds(5)) + .milliseconds(tape.below(50)))
    }
  }

  mutating func pass(_ duration: Duration) {
    // A link over which nothing comes for so long is closed by either end, and then what was on its way is in doubt.
    link.delay = link.toCoordinator.isEmpty ? .zero : link.delay + duration
    while link.delay > .seconds(10), !link.toCoordinator.isEmpty { link.read(revision: generator.plan.revision) }
    now = now + duration
    say("\(stamp) passes \(DurationText.format(duration))")
    trace.add(UInt64(clamping: duration.wholeNanoseconds))
    isInTimers = true
    if saboteur?.stopsTimers != true { core.timersDue(now: now) }
    perform()
    isInTimers = false
    checkDeadlines()
    checkGathered()
  }

  private mutating func setWallClock() {
    now.wall += .seconds(tape.below(7200) - 3600)
    gatherings.hasJumped = true
  }

  var stamp: String { "[\(steps) \(DurationText.format(now.monotonic))]" }

  // MARK: - Requests

  private mutating func request() {
    guard link.isOpen, models.values.count(where: { $0.end == nil }) < profile.sessionLimit else { return goOn() }
    lastSession += 1
    let plan = generator.plan
    let origin: CoordinatorFrame.SessionRequest.Origin
    if !plan.buckets.isEmpty, tape.once(in: 5) {
      let bucket = plan.buckets[tape.below(plan.buckets.count)].name
      origin = .put(bucket: bucket, key: "k\(tape.below(4))", group: tape.once(in: 4) ? "g" : nil)
    } else {
      origin = .invoke(function: tape.once(in: 20) ? "nobody" : plan.entry)
    }
    var payload: [UInt8] = []
    let size = tape.once(in: 5) ? 0 : max(8, tape.element(of: profile.sizes) ?? 8)
    if size > 0 {
      payload = [UInt8](repeating: 0, count: size)
      let mark = nextMark()
      for index in 0..<8 { payload[index] = UInt8(truncatingIfNeeded: mark >> (8 * UInt64(index))) }
    }
    let timeout: UInt64? = tape.once(in: 6) ? UInt64(1 + tape.below(3000)) * 1_000_000 : nil
    let request = CoordinatorFrame.SessionRequest(
      session: "s\(lastSession)", origin: origin, payload: payload, requestHash: "h", timeout: timeout,
      isRecorded: tape.once(in: 8))
    link.unanswered[request.session] = request
    link.toPod.append(.start(request))
  }

  /// A coordinator that has heard no answer asks again; plans, cancellations and the end of the pod come from several
  /// places, each of which tells the pod of them. Other frames have a number of their own or answer one of the pod's.
  private mutating func sayAgain() {
    switch tape.below(4) {
    case 0:
      guard let name = tape.element(of: link.unanswered.keys.sorted()), let request = link.unanswered[name] else {
        return
      }
      link.toPod.append(.start(request))
      count("duplicate start")
    case 1:
      link.toPod.append(.plan(revision: generator.plan.revision, document: []))
      count("duplicate plan")
    case 2:
      guard let name = tape.element(of: link.cancelled.sorted()) else { return }
      link.toPod.append(.cancel(session: name))
      count("duplicate cancel")
    default:
      guard link.drains else { return }
      link.toPod.append(.drain)
      count("duplicate drain")
    }
  }

  private mutating func drain() {
    link.drains = true
    link.toPod.append(.drain)
  }

  private mutating func cancelSomething() {
    guard link.isOpen, lastSession > 0 else { return }
    let session = "s\(1 + tape.below(lastSession))"
    link.cancelled.insert(session)
    link.toPod.append(.cancel(session: session))
  }

  private mutating func ask() {
    guard link.isOpen else { return }
    link.lastRequest += 1
    let session = "s\(tape.below(lastSession + 2))"
    switch tape.below(5) {
    case 0: link.toPod.append(.describe(request: link.lastRequest, session: session))
    case 1: link.toPod.append(.collect(request: link.lastRequest, session: session))
    case 2: link.toPod.append(.list(request: link.lastRequest))
    case 3: link.toPod.append(.recording(request: link.lastRequest, session: session))
    default: link.toPod.append(.ping)
    }
  }

  private mutating func changePlan() {
    generator.change(&tape)
    plans[generator.plan.revision] = generator.plan
    if link.isOpen { link.toPod.append(.plan(revision: generator.plan.revision, document: [])) }
    count("plan change")
  }

  private mutating func breakOrOpenLink() {
    guard profile.hasLinkBreaks else { return }
    if link.isOpen { closeLink() } else { openLink() }
  }
}
