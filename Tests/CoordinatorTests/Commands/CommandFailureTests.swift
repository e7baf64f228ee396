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
}
