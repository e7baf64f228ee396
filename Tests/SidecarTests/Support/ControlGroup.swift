import Foundation

/// A control group of this machine that limits the processor time of those who join it, of either version.
struct ControlGroup: Sendable {
  /// Where the controller for processor time is.
  private enum Place {
    static let second = "/sys/fs/cgroup"
    static let first = "/sys/fs/cgroup/cpu"
  }

  private static let period = 100_000

  let path: String

  private static var isSecond: Bool {
    contents(Place.second + "/cgroup.subtree_control").split { " \n".contains($0) }.contains("cpu")
  }

  /// Why there can be none; nil if there can.
  static var objection: String? {
    let parent = isSecond ? Place.second : Place.first
    if !isSecond, !FileManager.default.fileExists(atPath: Place.first + "/cpu.cfs_quota_us"),
      !FileManager.default.fileExists(atPath: Place.first + "/cpu.shares")
    {
      return "no control group of this machine hands out processor time (\(Place.second) has none for groups below it)"
    }
    guard unsafe access(parent, W_OK) == 0 else { return "\(parent) cannot be written to; run the tests as root" }
    return nil
  }

  /// Makes one, for the maker to remove.
  static func make() throws -> ControlGroup {
    let parent = isSecond ? Place.second : Place.first
    let group = ControlGroup(path: parent + "/pheromone-test-\(UUID())")
    try FileManager.default.createDirectory(atPath: group.path, withIntermediateDirectories: false)
    return group
  }

  func remove() { unsafe rmdir(path) }

  /// - Parameter processors: how many may be kept busy.
  func limit(to processors: Double) throws {
    let quota = Int(processors * Double(Self.period))
    if Self.isSecond { return try write("\(quota) \(Self.period)", to: "cpu.max") }
    try write("\(Self.period)", to: "cpu.cfs_period_us")
    try write("\(quota)", to: "cpu.cfs_quota_us")
  }

  /// Moves this process into the group.
  func join() throws { try write("\(getpid())", to: "cgroup.procs") }

  /// In how many periods its members had used up their quota.
  var throttledPeriods: Int {
    let line = Self.contents(path + "/cpu.stat").split(separator: "\n").first { $0.hasPrefix("nr_throttled ") }
    return line.flatMap { Int($0.dropFirst(13)) } ?? 0
  }

  private func write(_ text: String, to file: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path + "/" + file))
  }

  private static func contents(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
  }
}
