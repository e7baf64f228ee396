import Foundation

/// Where and why a file is no recording: `:3: …` where its JSON breaks, else the path of what is wrong.
struct RecordingFault: CustomStringConvertible {
  let description: String

  init(_ error: DecodingError, in data: Data) {
    switch error {
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      let reason = Self.syntax(of: data) ?? context.debugDescription
      let offset = reason.firstMatch(of: #/character (\d+)/#).flatMap { Int($0.output.1) }
      // What ends too early ends in its last line.
      let line = data.prefix(offset ?? data.count).count { $0 == UInt8(ascii: "\n") } + 1
      description = ":\(line): it is no JSON: \(reason)"
    case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
      description = Self.describe(context.codingPath, context.debugDescription)
    case .keyNotFound(let key, let context):
      description = Self.describe(context.codingPath, "there is no \(key.stringValue)")
    @unknown default: description = ": it is no recording: \(error)"
    }
  }

  /// The decoder does not say where the text breaks; Foundation's other parser does, as an offset.
  private static func syntax(of data: Data) -> String? {
    do {
      _ = try JSONSerialization.jsonObject(with: data)
      return nil
    } catch {
      return (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
    }
  }

  private static func describe(_ path: [any CodingKey], _ reason: String) -> String {
    let place = path.reduce(into: "") { place, key in
      place += key.intValue.map { "[\($0)]" } ?? (place.isEmpty ? key.stringValue : ".\(key.stringValue)")
    }
    return ": it is no recording of a session: \(place.isEmpty ? "" : "at \(place): ")\(reason)"
  }
}
