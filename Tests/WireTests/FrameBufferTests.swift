import Testing
import Wire

@Suite("Frame buffer")
struct FrameBufferTests {
  private let frames: [CoordinatorFrame] = [.ping, .cancel(session: "abc"), .list(request: 4), .drain]

  @Test("Frames come out whole wherever the stream is split")
  func splits() throws {
    let stream = frames.flatMap { $0.encoded() }
    for split in 0...stream.count {
      var buffer = FrameBuffer(sizeLimit: 64)
      var decoded: [CoordinatorFrame] = []
      for chunk in [stream[..<split], stream[split...]] {
        buffer.append(chunk)
        while let body = try buffer.next() { decoded.append(try CoordinatorFrame(decoding: body)) }
      }
      #expect(decoded == frames, "split at \(split)")
    }
  }

  @Test("Frames come out of chunks of any size", arguments: 1...9)
  func chunks(size: Int) throws {
    let stream = frames.flatMap { $0.encoded() }
    var buffer = FrameBuffer(sizeLimit: 64)
    var decoded: [CoordinatorFrame] = []
    for start in Swift.stride(from: 0, to: stream.count, by: size) {
      buffer.append(stream[start..<min(start + size, stream.count)])
      while let body = try buffer.next() { decoded.append(try CoordinatorFrame(decoding: body)) }
    }
    #expect(decoded == frames)
  }

  @Test("Large frames among small ones come out whole, alone or with what comes behind them")
  func largeFrames() throws {
    func request(_ count: Int) -> CoordinatorFrame {
      .start(
        .init(
          session: "s", origin: .invoke(function: "f"), payload: (0..<count).map { UInt8(truncatingIfNeeded: $0) },
          requestHash: ""))
    }
    let all: [CoordinatorFrame] = [.ping, request(3 << 20), .ping, request(2 << 20), request(10), .drain]
    let encoded = all.map { $0.encoded() }
    // Frame by frame; all at once; and the large ones together with what is before or behind.
    for chunks in [
      encoded, [encoded.flatMap(\.self)], [encoded[0] + encoded[1], encoded[2], encoded[3...].flatMap(\.self)],
    ] {
      var buffer = FrameBuffer(sizeLimit: 1 << 30)
      var decoded: [CoordinatorFrame] = []
      for chunk in chunks {
        buffer.append(chunk)
        while let body = try buffer.next() { decoded.append(try CoordinatorFrame(decoding: body)) }
        #expect(buffer.heldBytes == 0)
      }
      #expect(decoded == all)
    }
  }

  @Test("A length over the limit is an error before its bytes have come")
  func overLimit() {
    var buffer = FrameBuffer(sizeLimit: 10)
    buffer.append([11, 0, 0, 0])
    #expect(throws: WireError("a frame of 11 bytes; the limit is 10")) { try buffer.next() }
    var huge = FrameBuffer(sizeLimit: 1 << 30)
    huge.append([255, 255, 255, 255])
    #expect(throws: WireError.self) { try huge.next() }
  }

  @Test("A frame of just the limit passes")
  func atLimit() throws {
    var buffer = FrameBuffer(sizeLimit: 3)
    buffer.append([3, 0, 0, 0, 1, 2, 3])
    #expect(try buffer.next() == [1, 2, 3])
    #expect(try buffer.next() == nil)
  }

  @Test("A length of zero is an error")
  func zeroLength() {
    var buffer = FrameBuffer(sizeLimit: 10)
    buffer.append([0, 0, 0, 0])
    #expect(throws: WireError("a frame without a kind")) { try buffer.next() }
  }
}
