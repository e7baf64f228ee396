import FoundationEssentials
import Posix

/// Reads a container's log from its files, and goes on while it grows if asked to. Ends with the log, or at `limitBytes`.
package struct LogReader {
  private enum Phase { case beginning, following, ended }

  private let log: ContainerLog
  private let query: LogQuery
  private let since: String?
  private var phase = Phase.beginning
  private var remaining: Int
  private var generation: Int
  private var file: OpenFile?
  /// The beginning of a line whose end is not in the file yet.
  private var rest: [UInt8] = []
  private var changes: AsyncStream<Void>.Iterator
  private var isLogClosed = false

  package init(_ log: ContainerLog, _ query: LogQuery) {
    self.log = log
    self.query = query
    since = query.since.map { LogLine.timestamp($0) }
    remaining = query.limitBytes ?? Int.max
    // Before the first look at the files, so that nothing that is written meanwhile is missed.
    changes = log.changes().makeAsyncIterator()
    generation = log.generation
    file = try? OpenFile(reading: log.path)
  }

  /// What there is to read next; nil at the end.
  package mutating func next() async throws -> [UInt8]? {
    while true {
      switch phase {
      case .beginning:
        phase = query.follow ? .following : .ended
        let older = FileManager.default.contents(atPath: log.rotatedPath).map(Array.init) ?? []
        var lines = takeLines(older)
        lines += takeLines(try readFile())
        if let tail = query.tailLines { lines = Self.tail(lines, tail) }
        let chunk = show(lines)
        if !chunk.isEmpty { return chunk }
      case .following:
        guard remaining > 0 else {
          phase = .ended
          continue
        }
        let chunk = try readOn()
        if !chunk.isEmpty { return chunk }
        if isLogClosed { phase = .ended }
        if await changes.next(isolation: #isolation) == nil { isLogClosed = true }
        if Task.isCancelled { phase = .ended }
      case .ended:
        return nil
      }
    }
  }

  private mutating func readOn() throws -> [UInt8] {
    var lines = takeLines(try readFile())
    let newest = log.generation
    if newest != generation {
      generation = newest
      file = try? OpenFile(reading: log.path)
      rest = []
      lines += takeLines(try readFile())
    }
    return show(lines)
  }

  private func readFile() throws -> [UInt8] { Array(try file?.readToEnd() ?? Data()) }

  private mutating func show(_ lines: [LogLine]) -> [UInt8] {
    var chunk: [UInt8] = []
    for line in lines where since.map({ line.timestamp >= $0 }) ?? true {
      chunk += line.shown(withTimestamp: query.timestamps)
    }
    if chunk.count > remaining { chunk.removeLast(chunk.count - remaining) }
    remaining -= chunk.count
    return chunk
  }

  private mutating func takeLines(_ bytes: [UInt8]) -> [LogLine] {
    let all = rest + bytes
    guard let end = all.lastIndex(of: UInt8(ascii: "\n")) else {
      rest = all
      return []
    }
    rest = Array(all[(end + 1)...])
    return all[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .compactMap { LogLine($0) }
  }

  /// The last `count` lines; the pieces of a long one count as one.
  private static func tail(_ lines: [LogLine], _ count: Int) -> [LogLine] {
    guard count > 0 else { return [] }
    var left = count
    var index = lines.endIndex
    while index > 0 {
      let beginsLine = index == 1 || lines[index - 2].isWhole
      index -= 1
      if beginsLine {
        left -= 1
        if left == 0 { break }
      }
    }
    return Array(lines[index...])
  }
}
