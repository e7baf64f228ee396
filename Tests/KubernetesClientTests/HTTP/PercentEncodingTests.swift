import Foundation
import Testing

@testable import KubernetesClient

@Suite struct PercentEncodingTests {
  @Test(arguments: ["", "a-b.c_d~e", "a b", "ä/ö?", "100%", "a:b@c", "!$&'()*+,;=:@/~", "\u{0}\n", "%41"])
  func `text comes back, and is encoded as Foundation does it`(text: String) {
    let unreserved = CharacterSet(
      charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
    #expect(PercentEncoding.encode(text) == text.addingPercentEncoding(withAllowedCharacters: unreserved))
    #expect(PercentEncoding.decode(PercentEncoding.encode(text)) == text)
    #expect(
      PercentEncoding.encode(text, keeping: "!$&'()*+,=@/")
        == text.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed))
  }

  @Test(arguments: ["a%20b", "%e4%bd%a0", "%E4%BD%A0", "%", "%4", "%4g", "%ff", "a+b", "%+1", "ä"])
  func `decoding agrees with Foundation, also on what is no encoding`(text: String) {
    #expect(PercentEncoding.decode(text) == text.removingPercentEncoding)
  }
}
