import Testing

@testable import ControllerRuntime

@Suite struct EventAggregatorTests {
  private let start = ContinuousClock.now

  private func kind(_ note: String = "n", uid: String = "u") -> EventAggregator.Kind {
    EventAggregator.Kind(uid: uid, name: "n/p", type: "Normal", reason: "R", action: "A", note: note)
  }

  @Test func equalEventsBecomeASeriesWrittenWhenDoubled() {
    var aggregator = EventAggregator()
    var decisions: [EventAggregator.Decision] = []
    for second in 0..<8 {
      decisions.append(aggregator.eventHappened(kind(), eventName: "e\(second)", now: start + .seconds(second)))
    }
    #expect(
      decisions == [
        .create, .update(eventName: "e0", count: 2), .drop, .update(eventName: "e0", count: 4), .drop, .drop, .drop,
        .update(eventName: "e0", count: 8),
      ])
    #expect(aggregator.eventHappened(kind(), eventName: "late", now: start + .seconds(1000)) == .create)
  }

  @Test func oneObjectCannotFlood() {
    var aggregator = EventAggregator()
    let decisions = (0..<30).map { aggregator.eventHappened(kind("\($0)"), eventName: "e", now: start) }
    #expect(decisions.filter { $0 == .create }.count == 25)
    #expect(aggregator.dropped == 5)
    #expect(aggregator.eventHappened(kind("x", uid: "other"), eventName: "e", now: start) == .create)
    #expect(aggregator.eventHappened(kind("y"), eventName: "e", now: start + .seconds(61)) == .create)
  }

  @Test func forgetsTheOldestBeyondItsCapacity() {
    var aggregator = EventAggregator(capacity: 2)
    for number in 0..<3 { _ = aggregator.eventHappened(kind("\(number)"), eventName: "e\(number)", now: start) }
    #expect(aggregator.eventHappened(kind("2"), eventName: "x", now: start) == .update(eventName: "e2", count: 2))
    #expect(aggregator.eventHappened(kind("0"), eventName: "x", now: start) == .create)
  }

  @Test func aLostEventIsCreatedAgain() {
    var aggregator = EventAggregator()
    _ = aggregator.eventHappened(kind(), eventName: "e", now: start)
    aggregator.eventLost(kind())
    #expect(aggregator.eventHappened(kind(), eventName: "f", now: start) == .create)
  }
}
