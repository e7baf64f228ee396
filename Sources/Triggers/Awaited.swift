import Dataflow

/// What a trigger that can still fire waits for, as keys or in words: the first of many, and how many more there are.
package struct Awaited: Sendable, Hashable {
  /// How many are named one by one.
  package static let namedAtMost = 16

  /// Who can bring it about.
  package enum Source: Sendable, Hashable {
    /// What puts into the trigger's bucket.
    case bucket
    /// The functions that the trigger names (`announcedBy`, `sources`), by what they say or by ending.
    case stage
    /// The clock.
    case time
  }

  package var names: [String]
  package var moreCount: Int
  package var source: Source

  init(_ words: String, from source: Source) {
    names = [words]
    moreCount = 0
    self.source = source
  }

  /// - Parameter count: how many keys there are.
  init(keys: some Sequence<Label>, count: Int) {
    names = keys.prefix(Self.namedAtMost).map(\.text)
    moreCount = count - names.count
    source = .bucket
  }

  package var count: Int { names.count + moreCount }

  /// As people are shown it.
  package var texts: [String] { names + (moreCount > 0 ? ["(\(moreCount) more)"] : []) }

  /// So many objects, as people say it.
  static func objects(_ count: Int, more: Bool = false) -> String {
    count == 1 && !more ? "an object" : "\(count) \(more ? "more " : "")object\(count == 1 ? "" : "s")"
  }

  /// Names some of many.
  static func list(_ names: [String], of count: Int) -> String {
    let shown = names.prefix(5)
    return shown.joined(separator: ", ") + (count > shown.count ? " and \(count - shown.count) more" : "")
  }
}
