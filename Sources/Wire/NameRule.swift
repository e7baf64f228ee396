package import Dataflow

/// What the names that functions give to objects have to be like: any text that is not too long. Nothing in it means
/// anything; `|`, line feeds and NUL are letters like any other.
package enum NameRule {
  /// The most bytes, as UTF-8, of a key, a group, or an output's name. No name of a trigger's list is longer.
  package static let limit = 1024

  /// Why the text cannot be an object's key; nil when it can.
  package static func objection(toKey key: String) -> String? {
    key.isEmpty ? "an object's key must not be empty; leave it out to get one made" : objection(to: key, "a key")
  }

  package static func objection(toKey key: Label) -> String? {
    // What the platform has made is neither empty nor too long.
    if case .text(let text) = key.form { objection(toKey: text) } else { nil }
  }

  /// Why the text cannot be an object's group; nil when it can. It may be empty.
  package static func objection(toGroup group: String?) -> String? { group.flatMap { objection(to: $0, "a group") } }

  /// Why the text cannot be an output's name; nil when it can. The empty one is the default output's.
  package static func objection(toOutput name: String) -> String? { objection(to: name, "an output's name") }

  @inline(__always)
  private static func objection(to text: String, _ what: StaticString) -> String? {
    text.utf8.count > limit ? tooLong(text, what) : nil
  }

  private static func tooLong(_ text: String, _ what: StaticString) -> String {
    let count = text.utf8.count
    // Shown by its beginning, since it may be as long as a frame.
    return
      "\(what) of \(count) bytes (\"\(String(String.UnicodeScalarView(text.unicodeScalars.prefix(32))))…\") is too long; the limit is \(limit)"
  }

  fileprivate static func objection(toPlace name: String) -> String? {
    objection(to: name, "a bucket's or function's name")
  }
}

extension Transaction {
  /// Why the names in it cannot be accepted. The SDK lets no such transaction out, but not every worker uses the SDK.
  package var objection: String? {
    for index in puts.indices { if let objection = puts[index].objection { return objection } }
    for call in calls {
      let found =
        NameRule.objection(toKey: call.key) ?? NameRule.objection(toGroup: call.group)
        ?? NameRule.objection(toPlace: call.function)
      if let found { return found }
    }
    for announcement in announcements {
      if let found = NameRule.objection(toPlace: announcement.bucket) { return found }
      for key in announcement.keys { if let found = NameRule.objection(toKey: key) { return found } }
    }
    for output in outputs { if let found = NameRule.objection(toOutput: output.name) { return found } }
    return nil
  }
}

extension Transaction.Put {
  /// Why its names cannot be accepted; nil when they can.
  package var objection: String? {
    NameRule.objection(toKey: key) ?? NameRule.objection(toGroup: group) ?? NameRule.objection(toPlace: bucket)
  }
}
