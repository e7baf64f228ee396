import Dataflow
import Testing

@Suite("Durations")
struct DurationTextTests {
  @Test(
    "Reads what Kubernetes and Go read",
    arguments: [
      ("0", 0), ("0s", 0), ("200ms", 200_000_000), ("1m30s", 90_000_000_000), ("1.5h", 5_400_000_000_000),
      ("1h0m0s", 3_600_000_000_000), ("250ns", 250), ("3us", 3000), ("3µs", 3000), ("3\u{3BC}s", 3000),
      ("-2s", -2_000_000_000), ("+2s", 2_000_000_000), (".5s", 500_000_000), ("1.s", 1_000_000_000),
      // In floating point these come out a little below a whole nanosecond.
      ("1.001us", 1001), ("4.35us", 4350), ("0.57us", 570), ("1.005ms", 1_005_000),
    ])
  func parses(text: String, nanoseconds: Int64) {
    #expect(DurationText.parse(text) == .nanoseconds(nanoseconds))
  }

  @Test(
    "Refuses everything else",
    arguments: [
      "", " ", "5", "s", "-", "--1s", "1 s", "1s ", "1e3s", "1x", "1.2.3s", ".s", "infs", "nans", "1S", "９s",
      "99999999999h",
    ])
  func refuses(text: String) {
    #expect(DurationText.parse(text) == nil)
  }

  @Test(
    "Writes durations for people",
    arguments: [
      (0, "0s"), (1, "0µs"), (850_000, "850µs"), (1_250_000, "1.3ms"), (999_960, "1ms"), (200_000_000, "200ms"),
      (999_960_000, "1s"), (1_200_000_000, "1.2s"), (59_960_000_000, "1m"), (60_000_000_000, "1m"),
      (200_000_000_000, "3m20s"), (3_600_000_000_000, "1h"), (7_500_000_000_000, "2h5m"), (-1_500_000_000, "-1.5s"),
    ] as [(Int64, String)])
  func formats(nanoseconds: Int64, text: String) {
    #expect(DurationText.format(.nanoseconds(nanoseconds)) == text)
  }

  @Test("Durations beyond an Int64 of nanoseconds are cut, and can be written")
  func extremes() {
    #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
    #expect(Duration.seconds(Int64.min).wholeNanoseconds == .min)
    #expect((Duration.seconds(Int64.max) * 2).wholeNanoseconds == .max)
    #expect((Duration.seconds(Int64.max) * -2).wholeNanoseconds == .min)
    #expect(DurationText.format(.seconds(Int64.min)).hasPrefix("-"))
  }
}
