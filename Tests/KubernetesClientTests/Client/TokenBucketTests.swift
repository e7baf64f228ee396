import Testing

@testable import KubernetesClient

@Suite struct TokenBucketTests {
  private let start = ContinuousClock.now

  @Test func aBurstGoesAtOnceAndTheRestInOrder() {
    var bucket = TokenBucket(rate: 4, burst: 3)
    let waits = (0..<6).map { _ in bucket.take(now: start) }
    #expect(waits == [.zero, .zero, .zero, .milliseconds(250), .milliseconds(500), .milliseconds(750)])
    #expect(bucket.take(now: start + .seconds(1)) == .zero, "four came in a second, three of which were promised")
    #expect(bucket.take(now: start + .seconds(1)) == .milliseconds(250))
  }

  @Test func restFillsItUpAndNoFurther() {
    var bucket = TokenBucket(rate: 4, burst: 2)
    for _ in 0..<2 { _ = bucket.take(now: start) }
    let later = start + .seconds(3600)
    #expect((0..<3).map { _ in bucket.take(now: later) } == [.zero, .zero, .milliseconds(250)])
  }

  @Test func whatWouldTakeTooLongTakesNothing() {
    var bucket = TokenBucket(rate: 1, burst: 1)
    #expect(bucket.take(now: start, limit: .seconds(1)) == .zero)
    #expect(bucket.take(now: start, limit: .seconds(1)) == .seconds(1))
    for _ in 0..<5 { #expect(bucket.take(now: start, limit: .seconds(1)) == nil) }
    #expect(bucket.take(now: start) == .seconds(2))
  }

  @Test func whatIsGivenBackIsThere() {
    var bucket = TokenBucket(rate: 1, burst: 1)
    _ = bucket.take(now: start)
    #expect(bucket.take(now: start) == .seconds(1))
    bucket.giveBack()
    bucket.giveBack()
    bucket.giveBack()
    #expect(bucket.take(now: start) == .zero)
    #expect(bucket.take(now: start) == .seconds(1), "never more than the burst")
  }

  @Test func aClockThatStandsStillOrGoesBackGivesNothing() {
    var bucket = TokenBucket(rate: 1, burst: 1)
    #expect(bucket.take(now: start) == .zero)
    #expect(bucket.take(now: start - .seconds(9)) == .seconds(1))
    #expect(bucket.take(now: start) == .seconds(2))
  }
}
