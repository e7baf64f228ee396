import Foundation
import Testing

@testable import SharedMemory

@Suite struct ProcessorBudgetTests {
  @Test(
    arguments: [(1, nil, 0), (2, nil, 1), (8, nil, 7), (8, 4, 3), (8, 2.5, 1), (8, 0.5, 0), (2, 16, 1), (0, nil, 0)]
      as [(Int, Double?, Int)])
  func oneProcessorIsLeft(processors: Int, quota: Double?, permits: Int) {
    #expect(ProcessorBudget(processors: processors, quota: quota).spinPermits == permits)
  }

  @Test(
    arguments: [
      ("max 100000\n", nil), ("150000 100000\n", 1.5), ("50000 100000", 0.5), ("400000 200000\n", 2), ("", nil),
      ("100000", nil), ("x y", nil), ("1 0", nil), ("-1 100000", nil), ("inf 100000 3", nil),
    ] as [(String, Double?)])
  func quotas(text: String, quota: Double?) {
    #expect(ProcessorBudget.quota(cpuMax: text) == quota)
  }

  @Test(
    arguments: [
      ("0::/\n", [""]), ("0::/a/b\n", ["", "/a", "/a/b"]), ("1:cpu:/x\n0::/y\n", ["", "/y"]),
      ("0::/../../z\n", ["", "/z"]), ("", [""]),
    ])
  func folders(text: String, expected: [String]) {
    #expect(ProcessorBudget.folders(ownGroups: text) == expected)
  }

  @Test(
    arguments: [
      ("4:cpu,cpuacct:/a/b\n0::/c\n", ["", "/a", "/a/b"]), ("7:cpuset:/x\n1:cpu:/\n", [""]), ("0::/c\n", [""]),
      ("1:cpu:/with:colon\n", ["", "/with:colon"]), ("cpu", [""]),
    ])
  func foldersOfVersionOne(text: String, expected: [String]) {
    #expect(ProcessorBudget.folders(ownGroups: text, controller: "cpu") == expected)
  }

  @Test(
    arguments: [("-1\n", "100000\n", nil), ("30000\n", "100000\n", 0.3), ("", "100000", nil), ("5", "", nil)]
      as [(String, String, Double?)])
  func quotasOfVersionOne(quota: String, period: String, expected: Double?) {
    #expect(ProcessorBudget.quota(microseconds: quota, period: period) == expected)
  }

  @Test(
    arguments: [
      (["/pod/cpu.max": "150000 100000\n", "/pod/container/cpu.max": "max 100000\n"], "0::/pod/container\n", 1.5),
      (
        [
          "/cpu/pod/cpu.cfs_quota_us": "120000\n", "/cpu/pod/cpu.cfs_period_us": "100000\n",
          "/cpu/pod/container/cpu.cfs_quota_us": "-1\n", "/cpu/pod/container/cpu.cfs_period_us": "100000\n",
        ], "3:cpu:/pod/container\n0::/\n", 1.2
      ),
      ([:], "0::/pod/container\n", nil),
    ] as [([String: String], String, Double?)])
  func theSmallestQuotaOfAllGroupsHolds(files: [String: String], groups: String, quota: Double?) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: "pheromone-\(UUID())")
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in files.merging(["/groups": groups], uniquingKeysWith: { $1 }) {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let budget = ProcessorBudget.current(mount: root.path, groups: root.path + "/groups")
    #expect(budget.quota == quota)
    #expect(budget.processors > 0)
  }

  @Test func withoutControlGroupsThereIsNoQuota() {
    #expect(ProcessorBudget.current(mount: "/nonexistent", groups: "/nonexistent").quota == nil)
  }
}
