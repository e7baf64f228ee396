import Dataflow
import Testing

@Suite("Quantities")
struct QuantityTests {
  @Test(
    "Reads byte counts",
    arguments: [
      ("0", 0), ("512", 512), ("4Ki", 4096), ("256Mi", 256 << 20), ("1.5Gi", 3 << 29), ("1Ti", 1 << 40),
      ("64000k", 64_000_000), ("2M", 2_000_000), ("1G", 1_000_000_000), ("1T", 1_000_000_000_000),
    ])
  func reads(text: String, bytes: Int) {
    #expect(Quantity.bytes(text) == bytes)
  }

  @Test(
    "Refuses everything else",
    arguments: ["", "Mi", "-1Mi", "1 Mi", "1mi", "1KB", "x", "1.2.3Mi", "99999999999Gi", "²Mi", "1Mi "])
  func refuses(text: String) {
    #expect(Quantity.bytes(text) == nil)
  }

  @Test(
    "Writes byte counts for people",
    arguments: [
      (0, "0B"), (1023, "1023B"), (1024, "1Ki"), (1536, "1.5Ki"), (1_048_575, "1Mi"), (256 << 20, "256Mi"),
      (3 << 29, "1.5Gi"), (5 << 40, "5Ti"), (.max, "8388608Ti"),
    ])
  func writes(bytes: Int, text: String) {
    #expect(Quantity.format(bytes) == text)
  }
}
