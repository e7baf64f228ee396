import FoundationEssentials

/// Where and why a file is no recording: `:3: …` where its JSON breaks, else the path of what is wrong.
struct RecordingFault: CustomStringConvertible {
  let description: String

  init(_ error: DecodingError, in data: Data) {
    switch error {
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      let place = JSONBreak.place(in: data)
      description = ":\(place.line): it is no JSON: \(place.reason)"
    case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
      description = Self.describe(context.codingPath, context.debugDescription)
    case .keyNotFound(let key, let context):
      description = Self.describe(context.codingPath, "there is no \(key.stringValue)")
    @unknown default: description = ": it is no recording: \(error)"
    }
  }

  private static func describe(_ path: [any CodingKey], _ reason: String) -> String {
    let place = path.reduce(into: "") { place, key in
      place += key.intValue.map { "[\($0)]" } ?? (place.isEmpty ? key.stringValue : ".\(key.stringValue)")
    }
    return ": it is no recording of a session: \(place.isEmpty ? "" : "at \(place): ")\(reason)"
  }
}
