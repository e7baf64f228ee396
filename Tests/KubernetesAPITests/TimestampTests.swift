import Foundation
import KubernetesAPI
import Testing

@Suite struct TimestampTests {
  @Test(arguments: [
    (0.0, "1970-01-01T00:00:00.000000Z"), (951_782_400.5, "2000-02-29T00:00:00.500000Z"),
    (1_704_067_199.0, "2023-12-31T23:59:59.000000Z"), (-1.0, "1969-12-31T23:59:59.000000Z"),
  ])
  func writesMicroseconds(seconds: Double, text: String) {
    #expect(Timestamp.microseconds(Date(timeIntervalSince1970: seconds)) == text)
  }

  @Test func writesSeconds() {
    #expect(Timestamp.seconds(Date(timeIntervalSince1970: 1_582_934_400.9)) == "2020-02-29T00:00:00Z")
  }
}
