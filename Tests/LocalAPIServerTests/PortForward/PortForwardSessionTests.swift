import Testing

@testable import LocalAPIServer

@Suite struct PortForwardSessionTests {
  private typealias Action = PortForwardSession.Action

  /// A session with a connection, number 3, to the pod.
  private static func connected() -> (PortForwardSession, SPDYClient) {
    var session = PortForwardSession()
    var client = SPDYClient()
    session.received(client.connect(1))
    _ = session.connected(3)
    _ = session.takeActions()
    return (session, client)
  }

  @Test func `two streams become a connection`() {
    var session = PortForwardSession()
    var client = SPDYClient()
    session.received(client.open(1, "error") + SPDYFrame.data(1, [], isLast: true))
    #expect(session.takeActions() == [.send(SPDYFrame.reply(1, isFirst: true))])
    session.received(client.open(3, "data"))
    #expect(session.takeActions() == [.send(SPDYFrame.reply(3, isFirst: false)), .connect(3, port: 8080)])
  }

  @Test func `nothing is read on until the pod is connected, and as long as it does not read`() {
    var session = PortForwardSession()
    var client = SPDYClient()
    session.received(client.connect(1) + SPDYFrame.data(3, [1]) + SPDYFrame.ping(1))
    #expect(session.isStalled)
    #expect(session.takeActions().last == .connect(3, port: 8080))
    let isWanted = session.connected(3)
    #expect(isWanted)
    #expect(session.takeActions() == [.write(3, [1]), .send(SPDYFrame.ping(1))])
    session.podIsReading(3, false)
    session.received(SPDYFrame.data(3, [2]) + SPDYFrame.ping(3))
    #expect(session.isStalled && session.takeActions().isEmpty)
    session.podIsReading(3, true)
    #expect(session.takeActions() == [.write(3, [2]), .send(SPDYFrame.ping(3))])
  }

  @Test func `the client's end is the end of one direction only`() {
    var (session, _) = Self.connected()
    session.received(SPDYFrame.data(3, [1], isLast: true) + SPDYFrame.data(3, [2]))
    #expect(session.takeActions() == [.write(3, [1]), .finishWriting(3)])
    session.podSent(3, [9])
    #expect(session.takeActions() == [.send(SPDYFrame.data(3, [9]))])
  }

  @Test func `the pod's end closes both streams, the one for errors without a word`() {
    var (session, _) = Self.connected()
    session.podEnded(3)
    let ends: [Action] = [
      .close(3), .send(SPDYFrame.data(1, [], isLast: true)), .send(SPDYFrame.data(3, [], isLast: true)),
    ]
    #expect(session.takeActions() == ends)
    session.podEnded(3)
    session.received(SPDYFrame.data(3, [1]) + SPDYClient.reset(3))
    #expect(session.takeActions().isEmpty)
  }

  @Test func `a failure is told on the stream for errors, and others go on`() {
    var session = PortForwardSession()
    var client = SPDYClient()
    session.received(client.connect(1) + client.connect(5, request: "1"))
    _ = session.takeActions()
    session.failed(3, "nobody listens")
    #expect(
      session.takeActions() == [
        .close(3), .send(SPDYFrame.data(1, Array("nobody listens".utf8), isLast: true)),
        .send(SPDYFrame.data(3, [], isLast: true)), .send(SPDYFrame.reply(5, isFirst: false)),
        .send(SPDYFrame.reply(7, isFirst: false)), .connect(7, port: 8080),
      ])
  }

  @Test(arguments: [UInt32(1), 3]) func `a stream that the client resets ends its connection`(_ stream: UInt32) {
    var (session, _) = Self.connected()
    session.received(SPDYClient.reset(stream))
    #expect(session.takeActions() == [.close(3), .send(SPDYFrame.data(stream == 1 ? 3 : 1, [], isLast: true))])
    let isWanted = session.connected(3)
    #expect(!isWanted, "a pod that answers late is not wanted any more")
  }

  @Test func `streams that cannot be are refused`() {
    var session = PortForwardSession()
    var client = SPDYClient()
    func refusal(_ stream: UInt32, _ bytes: [UInt8]) {
      session.received(bytes)
      #expect(session.takeActions() == [.send(SPDYFrame.reset(stream, .protocolError))])
    }
    refusal(1, client.open(1, "error", port: "0"))
    refusal(3, client.open(3, "error", port: "65536"))
    refusal(5, client.open(5, "error", port: "http"))
    refusal(7, client.open(7, "error", request: ""))
    refusal(9, client.open(9, "audio"))
    refusal(11, client.open(11, "data"))
    refusal(13, client.open(13, [("port", "80")]))
    session.received(client.open(15, "error"))
    _ = session.takeActions()
    refusal(17, client.open(17, "error"))
  }

  @Test func `there is a limit to the streams, and an end makes room`() {
    var session = PortForwardSession()
    var client = SPDYClient()
    let limit = UInt32(PortForwardSession.streamLimit)
    for index in 0..<limit { session.received(client.open(2 * index + 1, "error", request: "\(index)")) }
    _ = session.takeActions()
    session.received(client.open(2 * limit + 1, "error", request: "more"))
    #expect(session.takeActions() == [.send(SPDYFrame.reset(2 * limit + 1, .refused))])
    session.received(SPDYClient.reset(1) + client.open(2 * limit + 3, "error", request: "more"))
    #expect(session.takeActions() == [.send(SPDYFrame.reply(2 * limit + 3, isFirst: false))])
  }

  @Test(arguments: [UInt32(2), 3, 1]) func `numbers of streams are odd and grow, else all is over`(_ next: UInt32) {
    var (session, client) = Self.connected()
    session.received(client.open(next, "error", request: "1"))
    #expect(
      session.takeActions() == [.close(3), .send(SPDYFrame.goAway(lastStream: 3, isFault: true)), .end])
    session.received(SPDYFrame.ping(1))
    #expect(session.takeActions().isEmpty)
  }

  @Test func `what is no SPDY ends all connections`() {
    var (session, _) = Self.connected()
    session.received(Array(repeating: 0xff, count: 64))
    #expect(
      session.takeActions() == [.close(3), .send(SPDYFrame.goAway(lastStream: 3, isFault: true)), .end])
  }

  @Test func `a client that goes away has its last connections served`() {
    var (session, client) = Self.connected()
    session.received(SPDYClient.goAway + client.open(5, "error", request: "1"))
    #expect(session.takeActions() == [.send(SPDYFrame.reset(5, .refused))])
    session.podEnded(3)
    #expect(session.takeActions().suffix(2) == [.send(SPDYFrame.goAway(lastStream: 5, isFault: false)), .end])
  }
}
