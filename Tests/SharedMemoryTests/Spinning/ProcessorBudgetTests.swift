import Glibc
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

  @Test func theSmallestQuotaOfAllGroupsHolds() throws {
    var template = Array("/tmp/pheromone-XXXXXX".utf8CString)
    let root = unsafe String(cString: try #require(unsafe mkdtemp(&template)))
    func write(_ text: String, to path: String) {
      let file = unsafe open(root + path, O_CREAT | O_WRONLY, 0o600)
      _ = unsafe Glibc.write(file, text, text.utf8.count)
      close(file)
    }
    unsafe mkdir(root + "/pod", 0o700)
    unsafe mkdir(root + "/pod/container", 0o700)
    write("0::/pod/container\n", to: "/groups")
    write("150000 100000\n", to: "/pod/cpu.max")
    write("max 100000\n", to: "/pod/container/cpu.max")
    let budget = ProcessorBudget.current(mount: root, groups: root + "/groups")
    #expect(budget.quota == 1.5)
    #expect(budget.processors > 0)
    #expect(ProcessorBudget.current(mount: root + "/none", groups: root + "/none").quota == nil)
    for file in ["/pod/container/cpu.max", "/pod/cpu.max", "/groups"] { unsafe unlink(root + file) }
    for folder in ["/pod/container", "/pod", ""] { unsafe rmdir(root + folder) }
  }
}
