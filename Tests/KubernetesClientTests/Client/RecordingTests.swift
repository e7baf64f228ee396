import Foundation
import KubernetesAPI
import Testing

@testable import KubernetesClient

/// What a real API server said, read by this client.
@Suite struct RecordingTests {
  @Test func everyErrorBecomesATypedOne() throws {
    let explainer = ErrorExplainer(server: "https://s", origin: "test")
    var errors = 0
    for recording in try Recordings.all() {
      guard recording.status >= 400 else { continue }
      let error = explainer.explain(
        HTTPResponseHead(status: recording.status), body: recording.body, method: "GET", path: "/")
      #expect(error.status?.code == recording.status, "\(recording.name)")
      #expect(error.status?.message?.isEmpty == false, "\(recording.name)")
      #expect(error.isNotFound == (recording.status == 404), "\(recording.name)")
      #expect((error.isConflict || error.isAlreadyExists) == (recording.status == 409), "\(recording.name)")
      errors += 1
    }
    #expect(errors >= 10)
  }

  @Test func watchesAreRead() throws {
    var kinds: Set<String> = []
    for recording in try Recordings.all() where recording.name.contains("watch") {
      var framer = LineFramer()
      var lines = try framer.chunkArrived(Array(recording.body))
      if let last = framer.streamEnded() { lines.append(last) }
      for line in lines {
        switch try #require(try WatchEvent(parsing: line), "\(recording.name)") {
        case .added: kinds.insert("added")
        case .bookmark(let version):
          kinds.insert("bookmark")
          #expect(!version.isEmpty)
        case .error(let status):
          kinds.insert("error")
          #expect(KubernetesError(status).isExpired)
        case .modified, .deleted: kinds.insert("other")
        }
      }
    }
    #expect(kinds.isSuperset(of: ["added", "bookmark", "error"]))
  }

  @Test func listsAreRead() throws {
    let recording = try #require(try Recordings.all().first { $0.name.hasPrefix("35-") })
    let page = try JSONValue(parsing: recording.body)
    #expect(page["items"]?.arrayValue?.count == 1)
    #expect(page[path: "metadata", "continue"]?.stringValue?.isEmpty == false)
  }
}

struct Recordings {
  var name: String
  var status: Int
  var body: Data

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Fixtures/Contract/recordings")

  /// The exchanges with one answer; a file of several is read up to its second request.
  static func all() throws -> [Recordings] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().compactMap { name in
      let text = try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
      guard let marker = text.range(of: "--- response\n") else { return nil }
      let answer = text[marker.upperBound...]
      guard let status = Int(answer.prefix(3)), let gap = answer.range(of: "\n\n") else { return nil }
      return Recordings(name: name, status: status, body: Data(answer[gap.upperBound...].utf8))
    }
  }
}
