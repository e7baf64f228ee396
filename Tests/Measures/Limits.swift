/// What this machine can do at best, in nanoseconds.
package struct Limits: Codable {
  /// A round trip between two processes over rings, both awake.
  package var spinning: Double
  /// The same, both asleep until the other one's frame.
  package var blocking: Double
  /// Copying 100 MB between warm pages.
  package var copying: Double

  package init(spinning: Double, blocking: Double, copying: Double) {
    self.spinning = spinning
    self.blocking = blocking
    self.copying = copying
  }

  /// Which of them a figure is compared with.
  package enum Name: String, Codable {
    case spinning = "S"
    case blocking = "B"
    case copying = "C"
    /// Another figure: the hand-over of a small object.
    case small = "1 KB"
  }

  /// In the table's rows.
  var rows: [[String]] {
    [
      ["S: round trip, spinning", TextTable.time(spinning)], ["B: round trip, blocking", TextTable.time(blocking)],
      ["C: copy of 100 MB", TextTable.time(copying)],
    ]
  }
}
