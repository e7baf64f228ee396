import FoundationEssentials
import Glibc

/// A process that can be told from a later one with the same number: by when it was started.
package struct ProcessIdentity: Sendable, Hashable, Codable {
  package var pid: Int32
  /// Clock ticks since boot, from /proc/PID/stat; nil where there is no /proc.
  package var startTime: UInt64?

  package init(pid: Int32, startTime: UInt64?) {
    self.pid = pid
    self.startTime = startTime
  }

  /// The process that has this number now; nil if there is none, or it is a zombie.
  package init?(runningAs pid: Int32) {
    guard pid > 0, let fields = Self.statFields(of: pid), fields.count > 19, fields[0] != "Z" else { return nil }
    self.init(pid: pid, startTime: UInt64(fields[19]))
  }

  package var isRunning: Bool { ProcessIdentity(runningAs: pid) == self }

  /// Signals the process and everything in the session it leads, if it is still the same.
  @discardableResult
  package func signalGroup(_ signal: Int32) -> Bool {
    guard hasLiveGroup else { return false }
    return Glibc.kill(-pid, signal) == 0
  }

  /// Whether the leader or a member of its group is alive.
  package var hasLiveGroup: Bool { isRunning || !liveGroupMembers.isEmpty }

  /// The processes of its group that are alive, itself among them.
  ///
  /// The leader may be gone while others of its group live on. Their group number cannot be taken by a new process as long
  /// as one of them lives, but a number whose whole group is gone can: so members are checked.
  package var liveGroupMembers: [Int32] {
    guard isRunning || ProcessIdentity(runningAs: pid) == nil,
      let entries = try? FileManager.default.contentsOfDirectory(atPath: "/proc")
    else { return [] }
    return entries.compactMap { entry in
      guard let member = Int32(entry), let fields = Self.statFields(of: member), fields.count > 19 else { return nil }
      // Group and session are both the leader's number, since each process leads a session of its own.
      let belongs =
        fields[0] != "Z" && fields[2] == String(pid) && fields[3] == String(pid)
        && (UInt64(fields[19]) ?? 0) >= (startTime ?? 0)
      return belongs ? member : nil
    }
  }

  /// The fields of /proc/PID/stat after the name (which may itself hold spaces and parentheses), state first.
  private static func statFields(of pid: Int32) -> [String]? {
    guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
    let text = String(decoding: data, as: UTF8.self)
    guard let end = text.lastIndex(of: ")") else { return nil }
    return text[text.index(after: end)...].split(separator: " ").map(String.init)
  }
}
