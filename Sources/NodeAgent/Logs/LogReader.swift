import Foundation

/// Reads a container's log from its files, and goes on while it grows if asked to.
package struct LogReader: Sendable {
  private let log: ContainerLog
  private let query: LogQuery

  package init(_ log: ContainerLog, _ query: LogQuery) {
    self.log = log
    self.query = query
  }

  /// Calls `write` with what the query asks for, in chunks. Ends with the log, at `limitBytes`, or when `write` throws.
  package func read(_ write: ([UInt8]) async throws -> Void) async throws {
    // Before the first look at the files, so that nothing that is written meanwhile is missed.
    let changes = log.changes()
    var generation = log.generation
    guard var current = FileHandle(forReadingAtPath: log.path) else { return }
    var remaining = query.limitBytes ?? Int.max
    let since = query.since.map { LogLine.timestamp($0) }

    func emit(_ lines: [LogLine]) async throws {
      var chunk: [UInt8] = []
      for line in lines where since.map({ line.timestamp >= $0 }) ?? true {
        chunk += line.shown(withTimestamp: query.timestamps)
      }
      if chunk.count > remaining { chunk.removeLast(chunk.count - remaining) }
      remaining -= chunk.count
      if !chunk.isEmpty { try await write(chunk) }
    }

    var rest: [UInt8] = []
    let older = FileManager.default.contents(atPath: log.rotatedPath).map(Array.init) ?? []
    var lines = Self.lines(older, rest: &rest)
    lines += Self.lines(Array(try current.readToEnd() ?? Data()), rest: &rest)
    if let tail = query.tailLines { lines = Self.tail(lines, tail) }
    try await emit(lines)
    guard query.follow, remaining > 0 else { return }

    func readOn() async throws {
      try await emit(Self.lines(Array(try current.readToEnd() ?? Data()), rest: &rest))
      let newest = log.generation
      guard newest != generation else { return }
      generation = newest
      guard let next = FileHandle(forReadingAtPath: log.path) else { return }
      current = next
      rest = []
      try await emit(Self.lines(Array(try current.readToEnd() ?? Data()), rest: &rest))
    }
    try await readOn()
    for await _ in changes {
      try await readOn()
      if remaining <= 0 { return }
    }
    try await readOn()
  }

  private static func lines(_ bytes: [UInt8], rest: inout [UInt8]) -> [LogLine] {
    let all = rest + bytes
    guard let end = all.lastIndex(of: UInt8(ascii: "\n")) else {
      rest = all
      return []
    }
    rest = Array(all[(end + 1)...])
    return all[..<end].split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).compactMap(LogLine.init)
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
