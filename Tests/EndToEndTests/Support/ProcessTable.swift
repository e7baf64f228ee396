import Foundation
import Glibc

/// The processes of the suite's own local cluster, found through /proc.
struct ProcessTable {
  /// One process of the cluster.
  struct Entry: Hashable {
    var pid: Int32
    var parent: Int32
    /// The last component of its executable.
    var program: String
  }

  /// All that run out of the cluster's folder: its path is in their arguments or their environment.
  static func entries(program: String) throws -> [Entry] {
    guard let folder = TestEnvironment.clusterFolder?.path else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
      guard let pid = Int32(name),
        let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(name)/exe"),
        URL(filePath: executable).lastPathComponent == program,
        mentions(folder, "/proc/\(name)/cmdline") || mentions(folder, "/proc/\(name)/environ"),
        let status = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
        let parent = status.split(separator: ")").last?.split(separator: " ").dropFirst().first.flatMap({ Int32($0) })
      else { return nil }
      return Entry(pid: pid, parent: parent, program: program)
    }
  }

  /// The processes that run functions: children of the program's supervisor.
  static func workers(program: String) throws -> [Entry] {
    let all = try entries(program: program)
    let supervisors = Set(all.map(\.pid))
    return all.filter { supervisors.contains($0.parent) }
  }

  /// Ends a process as a crash would; it must be one of the cluster's.
  static func kill(_ entry: Entry) { signal(entry, SIGKILL) }

  static func signal(_ entry: Entry, _ signal: Int32) { _ = Glibc.kill(entry.pid, signal) }

  private static func mentions(_ folder: String, _ file: String) -> Bool {
    guard let data = FileManager.default.contents(atPath: file) else { return false }
    return String(decoding: data, as: UTF8.self).contains(folder)
  }
}
