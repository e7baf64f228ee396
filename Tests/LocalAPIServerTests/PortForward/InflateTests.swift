import Testing

@testable import LocalAPIServer

/// The compressed texts were made by zlib 1.2.13, through Python.
@Suite struct InflateTests {
  static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) }
  }

  /// The header blocks of the two streams that kubectl opens for a connection, as text.
  static func block(_ type: String) -> [UInt8] {
    func string(_ text: String) -> [UInt8] { [0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8) }
    let strings = ["streamtype", type, "port", "8080", "requestid", "0"]
    return [0, 0, 0, 3] + strings.flatMap(string)
  }

  /// The same, compressed in one stream each: with the codes that are fixed, and stored.
  static let compressed = [
    (
      "78f9e3c6a7c202253a703a2b294a4dcc851625aca9a0808614cb45e01c6061606100a4398b20d198094ade8c0600000000ffff",
      "c2aa19540e2512d60b000000ffff"
    ),
    (
      "783fe3c6a7c2003d00c2ff000000030000000a73747265616d74797065000000056572726f7200000004706f727400000004383038"
        + "30000000097265717565737469640000000130000000ffff",
      "003c00c3ff000000030000000a73747265616d7479706500000004646174610000000470"
        + "6f7274000000043830383000000009726571756573746964000000" + "0130000000ffff"
    ),
  ]

  @Test func `the dictionary is that of SPDY`() {
    #expect(SPDYDictionary.bytes.count == 1423)
    #expect(Inflate.checksum(SPDYDictionary.bytes) == 0xe3c6_a7c2)
  }

  @Test(arguments: InflateTests.compressed) func `later pieces repeat what was in earlier ones`(
    _ first: String, _ second: String
  ) throws {
    var inflate = Inflate(dictionary: SPDYDictionary.bytes)
    #expect(try inflate.inflate(Self.bytes(first), limit: 1000) == Self.block("error"))
    #expect(try inflate.inflate(Self.bytes(second), limit: 1000) == Self.block("data"))
  }

  @Test func `codes that a block brings along`() throws {
    var text: [UInt8] = []
    for i in 0..<900 { text.append(UInt8(97 + (i * i * 7 + i / 3) % 13)) }
    var repetitive = Inflate()
    let short = Self.bytes(
      "78daedcab90100200803c059790d12f66f9dc28eab4f60730114351984cb9062d9564ea49bc7693db26ddbb63fed01793a6a23")
    #expect(try repetitive.inflate(short, limit: 900) == text)
    // Only literals: the code of distances has no word.
    var literal = Inflate()
    let plain = Self.bytes(
      "780105c1310100000c02a0ac3813d8ff18c8" + String(repeating: "9ccac8", count: 29) + "9cca3cf54d81d9")
    #expect(try literal.inflate(plain, limit: 1000) == Array(String(repeating: "abracadabra", count: 30).utf8))
  }

  @Test func `no more is unfolded than allowed`() {
    let bomb = Self.bytes(
      "78daedc13101000000c2a0aceb5fc21a1e4001" + String(repeating: "00", count: 93) + "af0679660b4d")
    var inflate = Inflate()
    #expect(throws: InflateError.self) { try inflate.inflate(bomb, limit: 16_384) }
  }

  @Test func `bytes that were cut short or changed are an error or a text, never a crash`() throws {
    for (text, _) in Self.compressed {
      let whole = Self.bytes(text)
      for length in 1..<(whole.count - 5) {
        var inflate = Inflate(dictionary: SPDYDictionary.bytes)
        let result = try? inflate.inflate(Array(whole[..<length]), limit: 1000)
        #expect(result == nil || Self.block("error").starts(with: result ?? []))
      }
      for index in whole.indices {
        for bit in 0..<8 {
          var changed = whole
          changed[index] ^= 1 << bit
          var inflate = Inflate(dictionary: SPDYDictionary.bytes)
          let result = try? inflate.inflate(changed, limit: 1000)
          #expect((result?.count ?? 0) <= 1000)
        }
      }
    }
  }

  @Test func `another dictionary is refused`() {
    var inflate = Inflate(dictionary: [1, 2, 3])
    #expect(throws: InflateError.self) { try inflate.inflate(Self.bytes(Self.compressed[0].0), limit: 1000) }
  }
}
