import Dataflow
import Testing

@testable import Triggers

@Suite("Session log")
struct SessionLogTests {
  private let start = Moment(monotonic: .seconds(1), wall: .zero)

  @Test("Long entries do not make it longer than its bytes allow, and the first and the latest are kept")
  func bytes() {
    var log = SessionLog(start: start)
    let key = String(repeating: "k", count: 1000)
    for index in 0..<1000 {
      log.record(.put(by: .request, bucket: 0, key: "\(index) \(key)"), at: start + .seconds(index))
    }
    #expect(log.byteCount <= SessionLog.byteLimit)
    #expect(log.entries.count + log.dropped == 1000)
    #expect(log.entries.first?.at == .zero)
    #expect(log.entries.last?.at == .seconds(999))
    #expect(log.entries.count > 40)
  }

  @Test("A single entry that is longer than the limit is kept")
  func single() {
    var log = SessionLog(start: start)
    log.record(.ignored(trigger: 0, key: Label(String(repeating: "k", count: 100_000))), at: start)
    #expect(log.entries.count == 1)
    #expect(log.dropped == 0)
  }

  @Test("What is shed is counted, and how it ended stays")
  func shed() {
    var log = SessionLog(start: start)
    for _ in 0..<10 { log.record(.requested(function: 0), at: start) }
    log.record(.ended(SessionOutcome(state: .succeeded, message: "")), at: start)
    log.shed()
    #expect(log.entries.isEmpty == false)
    #expect(log.dropped == 10)
    #expect(log.entries.last?.event == .ended(SessionOutcome(state: .succeeded, message: "")))
  }
}
