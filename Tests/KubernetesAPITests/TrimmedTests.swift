import Foundation
import Testing

@testable import KubernetesAPI

@Suite struct TrimmedTests {
  @Test(arguments: ["", " ", "\r\n", "a", " a b\t\n", "\u{a0}a\u{2028}", "a\r\n\r\n", "é "])
  func `white space goes from both ends as Foundation has it`(text: String) {
    #expect(text.trimmed == text.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
