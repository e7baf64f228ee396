/// Rows of cells in columns: the first to the left, the others to the right.
package struct TextTable {
  package var rows: [[String]]

  package init(_ rows: [[String]] = []) { self.rows = rows }

  package var text: String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
    return rows.map { row in
      let line = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + padding : "  " + padding + cell
      }.joined()
      // A row that has less cells than others ends with its last one.
      return String(line.reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// With one decimal below a hundred, without from there on.
  package static func number(_ value: Double) -> String {
    value < 100 ? "\((value * 10).rounded() / 10)" : "\(Int(value.rounded()))"
  }

  /// Nanoseconds as microseconds, or from a millisecond on as milliseconds.
  package static func time(_ nanoseconds: Double) -> String {
    nanoseconds < 1_000_000 ? "\(((nanoseconds / 10).rounded() / 100)) µs" : "\(number(nanoseconds / 1_000_000)) ms"
  }

  /// A share as per cent.
  package static func share(_ value: Double) -> String { "\(number(value * 100)) %" }
}
