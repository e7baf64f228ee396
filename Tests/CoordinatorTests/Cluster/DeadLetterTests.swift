import KubernetesAPI
import Testing
import Wire

@testable import Coordinator

@Suite struct DeadLetterTests {
  static let workflow = ObjectKey(namespace: "n", name: "w")

  static func letter(_ session: String, trigger: String = "hourly", objects: UInt64 = 3) -> PodFrame.DeadLetter {
    PodFrame.DeadLetter(session: session, bucket: "b", trigger: trigger, objects: objects, message: "it broke")
  }

  @Test func `the first is told at once, what follows together and every ten seconds`() {
    var office = DeadLetterOffice()
    office.received(Self.letter("1"), of: Self.workflow)
    let first = office.due(now: .seconds(1))
    #expect(first.map(\.objects) == [3])
    #expect(
      first.first?.message
        == "a session that hourly began failed, so that 3 objects are dead letters; see pheromone explain w 1 -n n; "
        + "the last said: it broke")
    for id in ["2", "3", "4"] { office.received(Self.letter(id), of: Self.workflow) }
    office.received(Self.letter("5", trigger: "daily", objects: 1), of: Self.workflow)
    #expect(office.due(now: .seconds(5)).map(\.trigger) == ["daily"], "each trigger has an interval of its own")
    #expect(office.due(now: .seconds(10.9)).isEmpty)
    let later = office.due(now: .seconds(11))
    #expect(later.map(\.sessions) == [3] && later.map(\.objects) == [9])
    #expect(later.first?.message.contains("explain w 4") == true)
    #expect(office.due(now: .seconds(60)).isEmpty)
  }

  @Test func `places are bounded, and counts too`() {
    var office = DeadLetterOffice(capacity: 2)
    for trigger in ["a", "b", "c"] {
      office.received(Self.letter("1", trigger: trigger, objects: .max), of: Self.workflow)
      office.received(Self.letter("2", trigger: trigger, objects: .max), of: Self.workflow)
    }
    #expect(office.due(now: .zero).map(\.objects) == [.max, .max])
  }

  @Test func `a bucket's count outlives the pods that counted`() {
    var tally = LoadTally()
    func load(_ letters: UInt64, fired: UInt64) -> PodLoad {
      PodLoad(buckets: [
        .init(
          name: "b", objects: 1, bytes: 1, deadLetters: letters,
          triggers: [.init(name: "t", fired: fired, pending: 1)])
      ])
    }
    // More lives than are told apart.
    for epoch in 1...100 as ClosedRange<UInt64> {
      let life = LoadTally.Life(pod: "p", epoch: epoch)
      tally.report(load(2, fired: 1), of: life)
      tally.report(load(3, fired: 2), of: life)
      tally.ended(life)
    }
    let figures = tally.buckets()["b"]
    #expect(figures?.deadLetters == 300 && figures?.triggers["t"]?.fired == 200)
    #expect(figures?.objects == 0 && figures?.triggers["t"]?.pending == 0)
  }
}
