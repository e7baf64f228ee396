import Foundation
import Testing

@testable import pheromone

@Suite struct CommandFailureTests {
  @Test(arguments: [
    (409, "cancelled", CommandFailure.Code.cancelled), (409, "ended", .failed), (422, "stalled", .stalled),
    (404, "not-recorded", .notFound), (410, "session-gone", .notFound), (503, "no-pod", .unavailable),
    (504, "timeout", .timeout), (500, "failed", .failed),
  ])
  func `problems have exit codes`(status: Int, slug: String, code: CommandFailure.Code) {
    let body = #"{"type":"https://pheromone.dev/problems/\#(slug)","title":"T","detail":"D","session":"s"}"#
    let failure = CommandFailure(status: status, body: Data(body.utf8))
    #expect(failure.code == code)
    #expect(failure.message == "T: D\nsession: s")
  }

  @Test func `a session that ended badly can be looked at, one that is not there cannot`() {
    func message(_ slug: String) -> String {
      let body = #"{"type":"https://pheromone.dev/problems/\#(slug)","title":"T","detail":"D","session":"s"}"#
      return CommandFailure(status: 500, body: Data(body.utf8), workflow: "wc").message
    }
    for slug in ["failed", "timeout", "stalled", "cancelled"] {
      #expect(message(slug).hasSuffix("session: s\nto see why: pheromone explain wc s"))
    }
    for slug in ["no-pod", "session-gone"] { #expect(message(slug).hasSuffix("session: s")) }
  }
}
