import Testing

@testable import Sidecar

@Suite struct ConnectionGateTests {
  @Test func `a listener that cannot accept is left alone for a second, and that is said once`() {
    var gate = ConnectionGate()
    #expect(gate.acceptFailed(now: .seconds(5)) == [.ignoreListener, .logShortage])
    #expect(gate.nextDeadline == .seconds(6))
    #expect(gate.timersDue(now: .milliseconds(5999)).isEmpty)
    #expect(gate.timersDue(now: .seconds(6)) == [.watchListener])
    #expect(gate.nextDeadline == nil)
    #expect(gate.acceptFailed(now: .seconds(6)) == [.ignoreListener])
  }

  @Test func `a connection that closes ends the pause`() {
    var gate = ConnectionGate()
    gate.accepted(2, now: .zero)
    #expect(gate.closed(2).isEmpty)
    gate.accepted(3, now: .zero)
    _ = gate.acceptFailed(now: .zero)
    #expect(gate.closed(3) == [.watchListener])
    #expect(gate.timersDue(now: .seconds(1)).isEmpty)
  }

  @Test func `a shortage is told anew once everybody had come in`() {
    var gate = ConnectionGate()
    _ = gate.acceptFailed(now: .zero)
    gate.accepted(2, now: .seconds(1))
    #expect(gate.acceptFailed(now: .seconds(1)) == [.ignoreListener])
    gate.queueEmptied()
    #expect(gate.acceptFailed(now: .seconds(2)) == [.ignoreListener, .logShortage])
  }

  @Test func `whoever says no hello is closed after ten seconds`() {
    var gate = ConnectionGate()
    gate.accepted(2, now: .zero)
    gate.accepted(3, now: .seconds(1))
    gate.accepted(4, now: .seconds(2))
    gate.greeted(3)
    #expect(gate.nextDeadline == .seconds(10))
    #expect(gate.timersDue(now: .seconds(10)) == [.closeSilent(2)])
    #expect(gate.closed(2).isEmpty)
    #expect(gate.nextDeadline == .seconds(12))
    #expect(gate.timersDue(now: .seconds(11)).isEmpty)
    #expect(gate.closed(4).isEmpty)
    #expect(gate.nextDeadline == nil)
    #expect(gate.timersDue(now: .seconds(60)).isEmpty)
    #expect(gate.count == 1)
  }

  @Test func `a hello or an end leaves no deadline to wake up for`() {
    var gate = ConnectionGate()
    gate.accepted(2, now: .zero)
    gate.accepted(3, now: .zero)
    gate.greeted(2)
    _ = gate.closed(3)
    #expect(gate.nextDeadline == nil)
  }

  @Test func `it is full at its limit`() {
    var gate = ConnectionGate()
    for connection in 0..<UInt64(ConnectionGate.limit) { gate.accepted(connection, now: .zero) }
    #expect(gate.isFull)
    _ = gate.closed(7)
    #expect(!gate.isFull)
  }

  @Test func `connections that come and go behind a silent one leave nothing behind`() {
    var gate = ConnectionGate()
    gate.accepted(0, now: .zero)
    for connection in 1..<UInt64(100_000) {
      gate.accepted(connection, now: .seconds(1))
      _ = gate.closed(connection)
    }
    #expect(gate.deadlineCount <= 2 * ConnectionGate.limit)
    #expect(gate.timersDue(now: .seconds(20)) == [.closeSilent(0)])
  }
}
