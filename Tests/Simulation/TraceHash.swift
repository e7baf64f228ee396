/// A hash of all that happened in a run, the same in every process (FNV-1a over words and bytes).
package struct TraceHash: Sendable, Hashable {
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  package var digest: String { String(value, radix: 16) }

  mutating func add(_ number: UInt64) { value = (value ^ number) &* 0x100_0000_01b3 }

  mutating func add(_ text: String) {
    for byte in text.utf8 { add(UInt64(byte)) }
    add(0xff)
  }

  mutating func add(_ bytes: [UInt8]) {
    for byte in bytes { add(UInt64(byte)) }
  }
}
